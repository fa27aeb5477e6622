package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// writeCertificate writes a certificate of a name with its key, as of a moment.
func writeCertificate(t *testing.T, c TLSConfig, name string, at time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: at.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{c.CertFile: {Type: "CERTIFICATE", Bytes: der}, c.KeyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACertificateIsReadAgainWhenItsFilesChange(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	c := TLSConfig{CertFile: filepath.Join(dir, "tls.crt"), KeyFile: filepath.Join(dir, "tls.key")}
	if _, err := openCertificate("server.tls", c, slog.Default()); err == nil {
		t.Error("a certificate that is not there is read")
	}
	writeCertificate(t, c, "first", now)
	cert, err := openCertificate("server.tls", c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cert.now, cert.looked = func() time.Time { return now }, now
	serves := func(want string) {
		t.Helper()
		over, err := cert.get(nil)
		if got := over.Certificates[0].Leaf.Subject.CommonName; err != nil || got != want {
			t.Errorf("%s is served, %v, want %s", got, err, want)
		}
	}
	serves("first")
	writeCertificate(t, c, "second", now.Add(time.Minute))
	serves("first") // it is not looked for each connection
	now = now.Add(certificateEvery)
	serves("second")
	if err := os.WriteFile(c.KeyFile, []byte("half of a"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(certificateEvery)
	serves("second")
	writeCertificate(t, c, "third", now.Add(time.Hour))
	now = now.Add(certificateEvery)
	serves("third")
}

package app

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"
)

// certificate is a certificate that is read again when its files change. A pair that can't be read,
// as while it is being replaced, leaves the one before in use.
type certificate struct {
	config TLSConfig
	now    func() time.Time
	logger *slog.Logger

	mu     sync.Mutex
	have   *tls.Certificate
	stamp  string
	looked time.Time
}

// certificateEvery is how often it is looked whether the files changed.
const certificateEvery = 5 * time.Second

// openCertificate reads the certificate for the first time.
func openCertificate(c TLSConfig, now func() time.Time, logger *slog.Logger) (*certificate, error) {
	cert := &certificate{config: c, now: now, logger: logger}
	if err := cert.read(); err != nil {
		return nil, fmt.Errorf("read the certificate of server.tls: %w", err)
	}
	return cert, nil
}

// stampOf is another text when one of the files changed.
func (c *certificate) stampOf() (string, error) {
	text := ""
	for _, path := range []string{c.config.CertFile, c.config.KeyFile} {
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		text += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), "\n")
	}
	return text, nil
}

// read reads both files where they changed.
func (c *certificate) read() error {
	c.looked = c.now()
	stamp, err := c.stampOf()
	if err != nil || stamp == c.stamp {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.config.CertFile, c.config.KeyFile)
	if err != nil {
		return err
	}
	c.have, c.stamp = &pair, stamp
	return nil
}

// get is asked for each connection.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now().Sub(c.looked) >= certificateEvery {
		if err := c.read(); err != nil {
			c.logger.Warn("the certificate can't be read again; the one before stays in use", "error", err)
		}
	}
	return c.have, nil
}

// serveOn serves on the listener, by TLS where there is a certificate.
func (p *parts) serveOn(server *http.Server) error {
	if p.certificate == nil {
		return server.Serve(p.listener)
	}
	least, _ := p.certificate.config.minVersion() // it was checked with the configuration
	server.TLSConfig = &tls.Config{MinVersion: least, GetCertificate: p.certificate.get}
	return server.ServeTLS(p.listener, "", "")
}

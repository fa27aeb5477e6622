package app

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"
)

// certificate is a certificate that is read again when its files change, with the authorities of clients. What
// can't be read, as while it is being replaced, leaves what was before in use.
type certificate struct {
	config TLSConfig
	// key is where the configuration names it.
	key    string
	now    func() time.Time
	logger *slog.Logger

	mu     sync.Mutex
	have   *tls.Config
	stamp  string
	looked time.Time
}

// certificateEvery is how often it is looked whether the files changed.
const certificateEvery = 5 * time.Second

// openCertificate reads the certificate for the first time.
func openCertificate(key string, c TLSConfig, logger *slog.Logger) (*certificate, error) {
	cert := &certificate{key: key, config: c, now: time.Now, logger: logger}
	if err := cert.read(); err != nil {
		return nil, fmt.Errorf("read the certificate of %s: %w", key, err)
	}
	return cert, nil
}

// stampOf is another text when one of the files changed.
func (c *certificate) stampOf() (string, error) {
	text := ""
	for _, path := range []string{c.config.CertFile, c.config.KeyFile, c.config.ClientCAFile} {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		text += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), "\n")
	}
	return text, nil
}

// read reads the files where they changed.
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
	least, _ := c.config.minVersion() // it was checked with the configuration
	have := &tls.Config{MinVersion: least, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}}
	if path := c.config.ClientCAFile; path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		have.ClientCAs, have.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
		have.SessionTicketsDisabled = true // who comes again is looked at again
		if !have.ClientCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("%s holds no certificate in PEM", path)
		}
	}
	c.have, c.stamp = have, stamp
	return nil
}

// get is asked for each connection.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now().Sub(c.looked) >= certificateEvery {
		if err := c.read(); err != nil {
			c.logger.Warn("the certificate can't be read again; the one before stays in use", "key", c.key, "error", err)
		}
	}
	return c.have, nil
}

// server is what a listener speaks: what is newest, for each connection. Nil is plain.
func (c *certificate) server() *tls.Config {
	if c == nil {
		return nil
	}
	least, _ := c.config.minVersion()
	return &tls.Config{MinVersion: least, GetConfigForClient: c.get, NextProtos: []string{"h2", "http/1.1"}}
}

// serveOn serves on the listener, by TLS where there is a certificate.
func (p *parts) serveOn(server *http.Server) error {
	if p.certificate == nil {
		return server.Serve(p.listener)
	}
	server.TLSConfig = p.certificate.server()
	return server.ServeTLS(p.listener, "", "")
}

package post

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	promconfig "github.com/prometheus/common/config"
)

// HTTPConfig is Prometheus' http_config: basic_auth, authorization, oauth2, tls_config, proxies and
// headers. follow_redirects has no say here: see Client.
type HTTPConfig struct {
	promconfig.HTTPClientConfig
}

// UnmarshalYAML reads the configuration as Prometheus does, with the reader it is handed, which says
// what is wrong with each key.
func (c *HTTPConfig) UnmarshalYAML(read func(any) error) error { return read(&c.HTTPClientConfig) }

// Validate reports what is wrong without showing values.
func (c *HTTPConfig) Validate() error {
	if c == nil {
		return nil
	}
	if err := c.HTTPClientConfig.Validate(); err != nil {
		return fmt.Errorf("http_config: %w", err)
	}
	switch {
	case c.OAuth2 != nil && c.OAuth2.GrantType != "" && c.OAuth2.GrantType != "client_credentials":
		return errors.New("http_config.oauth2.grant_type: only client_credentials is supported; leave it out")
	case c.BasicAuth != nil && (c.BasicAuth.UsernameRef != "" || c.BasicAuth.PasswordRef != ""),
		c.Authorization != nil && c.Authorization.CredentialsRef != "", c.TLSConfig.KeyRef != "" || c.TLSConfig.CARef != "" || c.TLSConfig.CertRef != "":
		return errors.New("http_config: there is no secret manager that a …_ref could name; write the …_file form instead")
	}
	_, err := promconfig.NewTLSConfig(&c.TLSConfig)
	if err != nil {
		return fmt.Errorf("http_config.tls_config: %w", err)
	}
	return nil
}

// TLSConfig is Prometheus' tls_config.
type TLSConfig struct {
	promconfig.TLSConfig
}

// UnmarshalYAML reads the configuration as Prometheus does, with the reader it is handed.
func (c *TLSConfig) UnmarshalYAML(read func(any) error) error { return read(&c.TLSConfig) }

// Config returns the configuration with its files read; Go's defaults for nil.
func (c *TLSConfig) Config() (*tls.Config, error) {
	if c == nil {
		return &tls.Config{MinVersion: tls.VersionTLS12}, nil
	}
	read, err := promconfig.NewTLSConfig(&c.TLSConfig)
	if err != nil {
		return nil, fmt.Errorf("tls_config: %w", err)
	}
	return read, nil
}

// Secret is a text that is never printed, logged or marshalled.
type Secret string

// hidden stands where a secret would.
const hidden = "<secret>"

// String implements fmt.Stringer, without the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format implements fmt.Formatter, so that no verb prints the secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText implements encoding.TextMarshaler, without the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Read returns a secret that is given itself or in a file, which is read each time, so
// that a new one needs no reload. key is the name of the setting; its file is key_file.
func Read(key string, value Secret, file string) (string, error) {
	switch {
	case value != "" && file != "":
		return "", fmt.Errorf("%s and %s_file are both set; keep one", key, key)
	case file == "":
		return string(value), nil
	}
	data, err := readSmall(file)
	if err != nil {
		return "", fmt.Errorf("read %s_file: %w", key, err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fmt.Errorf("%s_file %s is empty", key, file)
	}
	return text, nil
}

// maxSecret is more than any file of a secret holds, in bytes.
const maxSecret = 4096

// readSmall reads a small regular file. A device has no end, and a pipe would be
// waited for while a reload waits as well.
func readSmall(file string) ([]byte, error) {
	if info, err := os.Stat(file); err == nil && (!info.Mode().IsRegular() || info.Size() > maxSecret) {
		return nil, fmt.Errorf("%s is no small file that holds a key", file)
	}
	return os.ReadFile(file)
}

// Name returns a destination's name: the kind, and a hash of what tells it from
// others, so that no secret is shown.
func Name(kind string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return kind + "/" + hex.EncodeToString(sum[:4])
}

// Parts are the forms in which a secret address may be shown back: as a whole, and by its path.
func Parts(address string) []string {
	parts := []string{address}
	u, err := url.Parse(address)
	if err != nil {
		return parts
	}
	for _, part := range []string{u.RequestURI(), u.Path} {
		if len(part) > len("/webhook") { // what is shorter is no secret, and may be a word of the answer
			parts = append(parts, part)
		}
	}
	return parts
}

package app

import (
	"encoding"
	"fmt"
	"io"

	"burnline/internal/redact"
)

// hidden stands where a secret would.
const hidden = "<secret>"

// Secret is text that is never printed, logged or marshalled; only Reveal
// gives it away.
type Secret string

var (
	_ fmt.Formatter          = Secret("")
	_ encoding.TextMarshaler = Secret("")
	_ fmt.Formatter          = SecretHeaders(nil)
	_ encoding.TextMarshaler = SecretHeaders(nil)
	_ fmt.Formatter          = Config{}
	_ encoding.TextMarshaler = Config{}
	_ fmt.Formatter          = RemoteConfig{}
	_ encoding.TextMarshaler = RemoteConfig{}
)

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String implements fmt.Stringer, without the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format implements fmt.Formatter, so that no verb prints the secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText implements encoding.TextMarshaler, without the secret; JSON,
// YAML and slog use it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// SecretHeaders are HTTP headers, which often carry keys; they are hidden like
// a Secret.
type SecretHeaders map[string]string

// String implements fmt.Stringer, with the number of headers only.
func (h SecretHeaders) String() string { return fmt.Sprintf("%d headers", len(h)) }

// Format implements fmt.Formatter, so that no verb prints the headers.
func (h SecretHeaders) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, h.String()) }

// MarshalText implements encoding.TextMarshaler, like String.
func (h SecretHeaders) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// String names the configuration. It shows no more, since receivers and scrape
// configs hold secrets, and fmt prints past the methods of nested values.
func (c Config) String() string {
	return fmt.Sprintf("configuration with %d SLO paths and %d receivers", len(c.SLOs), len(c.Alerting.Receivers))
}

// Format implements fmt.Formatter, like String.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText implements encoding.TextMarshaler, like String.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// String names the backend without what signs in to it.
func (r RemoteConfig) String() string { return "remote metrics at " + redact.Address(r.QueryURL) }

// Format implements fmt.Formatter, like String.
func (r RemoteConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// MarshalText implements encoding.TextMarshaler, like String.
func (r RemoteConfig) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

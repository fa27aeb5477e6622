package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// TokenPrefix begins every token, so that one that leaked is recognised for what it is.
const TokenPrefix = "bln_"

// newSecret returns 256 random bits as text.
func newSecret() string {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // it never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(bits)
}

// digest is what is kept of a secret of 256 random bits: such a one needs no salt and no slow hash.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// IsToken reports whether a text looks like a token.
func IsToken(text string) bool { return strings.HasPrefix(text, TokenPrefix) }

// newID names a record.
func newID() string { return strings.ToLower(rand.Text()[:16]) }

package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The parameters of argon2id that OWASP's Password Storage Cheat Sheet recommends: 19 MiB of
// memory, two passes, one lane.
const (
	hashMemory  = 19 * 1024
	hashPasses  = 2
	hashLanes   = 1
	saltLength  = 16
	hashLength  = 32
	mostMemory  = 1 << 20
	mostPasses  = 64
	mostSalt    = 64
	leastLength = 12
	mostLength  = 256
	// shortName is how long a name is at least that a password may not contain.
	shortName = 4
)

// HashPassword returns what is kept of a password: argon2id as a PHC string.
func HashPassword(password string) string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // it never fails, see crypto/rand
	p := phc{memory: hashMemory, passes: hashPasses, lanes: hashLanes, salt: salt}
	p.sum = p.of(password)
	return p.String()
}

// Verify reports whether a password is the one of a PHC string, in a time that tells nothing of
// how much of it is right.
func Verify(hash, password string) bool {
	p, err := parsePHC(hash)
	return err == nil && len(password) <= mostLength && subtle.ConstantTimeCompare(p.of(password), p.sum) == 1
}

// checkPassword says what is wrong with a new password; "" where nothing is.
func checkPassword(password, name string) string {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return "it is no text"
	case n < leastLength:
		return fmt.Sprintf("it has %d characters, and takes at least %d", n, leastLength)
	case len(password) > mostLength:
		return fmt.Sprintf("it is longer than %d bytes", mostLength)
	case len(name) >= shortName && strings.Contains(strings.ToLower(password), strings.ToLower(name)):
		return "it contains the name"
	case strings.Count(password, password[:1]) == len(password):
		return "it is one character over and over"
	}
	return ""
}

// phc is a password hash of argon2id in the form of the Password Hashing Competition,
// $argon2id$v=19$m=19456,t=2,p=1$salt$sum.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

func (p phc) of(password string) []byte {
	return argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.lanes, uint32(max(len(p.sum), hashLength))) //nolint:gosec // it is short
}

// String implements fmt.Stringer.
func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.lanes,
		base64.RawStdEncoding.EncodeToString(p.salt), base64.RawStdEncoding.EncodeToString(p.sum))
}

// errPHC is a text that is no hash of argon2id.
var errPHC = errors.New("this is no password hash of argon2id")

// parsePHC reads a PHC string. What would take absurd time or memory is none.
func parsePHC(text string) (p phc, _ error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errPHC
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); n != 3 || err != nil {
		return phc{}, errPHC
	}
	var wrong, more error
	p.salt, wrong = base64.RawStdEncoding.DecodeString(parts[4])
	p.sum, more = base64.RawStdEncoding.DecodeString(parts[5])
	if wrong != nil || more != nil || len(p.salt) < 8 || len(p.salt) > mostSalt || len(p.sum) != hashLength ||
		p.memory < 8 || p.memory > mostMemory || p.passes < 1 || p.passes > mostPasses || p.lanes < 1 {
		return phc{}, errPHC
	}
	return p, nil
}

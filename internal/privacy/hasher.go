// Package privacy keeps what names a customer out of what is stored: it replaces
// customer ids by keyed hashes, which tell customers apart without naming them, and
// removes attributes that nobody should keep.
package privacy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"strings"
	"sync"
)

const (
	// marked begins every hash, so that people see at a glance that a value is one.
	marked = "hmac:"
	// hashLen is how many bytes of the sum a hash shows: 2⁶⁴ customers before two are
	// likely to share one.
	hashLen = 16
	// minKey is the least length of a key in bytes.
	minKey = 32
)

// Hasher replaces customer ids by hashes. Without the key nobody can find out which id a
// hash stands for, not even by trying all ids. Its methods may be called concurrently.
type Hasher struct{ sums sync.Pool }

// New returns the hasher of a key, which has at least 32 bytes that nobody can guess.
func New(key []byte) (*Hasher, error) {
	if len(key) < minKey {
		return nil, errors.New("the key of customer ids is shorter than 32 bytes")
	}
	key = append([]byte(nil), key...)
	return &Hasher{sums: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}, nil
}

// Hash returns what is stored in place of an id: "hmac:" and 32 hexadecimal digits of
// its HMAC-SHA256. The hash of "" is "".
func (h *Hasher) Hash(id string) string {
	if id == "" {
		return ""
	}
	sum := h.sum(id)
	return marked + hex.EncodeToString(sum[:hashLen])
}

// Sum64 returns the first 64 bits of an id's HMAC-SHA256, for counting distinct
// customers. It is 0 for "" and for nothing else.
func (h *Hasher) Sum64(id string) uint64 {
	if id == "" {
		return 0
	}
	sum := h.sum(id)
	return max(1, binary.BigEndian.Uint64(sum[:8]))
}

func (h *Hasher) sum(id string) [sha256.Size]byte {
	mac, _ := h.sums.Get().(hash.Hash)
	defer h.sums.Put(mac)
	mac.Reset()
	_, _ = mac.Write([]byte(id)) // a hash never fails to be written to
	var sum [sha256.Size]byte
	mac.Sum(sum[:0])
	return sum
}

// IsHash reports whether s looks like what Hash returns.
func IsHash(s string) bool {
	digits, ok := strings.CutPrefix(s, marked)
	if !ok || len(digits) != 2*hashLen {
		return false
	}
	_, err := hex.DecodeString(digits)
	return err == nil && digits == strings.ToLower(digits)
}

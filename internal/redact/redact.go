// Package redact takes what may be a secret out of web addresses that are shown: some systems are signed
// in to by a user and password in the address, others by a key in its query.
package redact

import (
	"errors"
	"net/url"
	"strings"
)

// URL is an address without its user, query and fragment.
func URL(u *url.URL) string {
	bare := *u
	bare.User, bare.RawQuery, bare.ForceQuery, bare.Fragment, bare.RawFragment = nil, "", false, "", ""
	bare.Opaque = bare.Opaque[strings.LastIndexByte(bare.Opaque, '@')+1:] // of one whose scheme was forgotten
	return bare.String()
}

// Address is URL of a text. What is no address is not shown.
func Address(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "an address that can't be read"
	}
	return URL(u)
}

// Error is an error that shows no secret of an address: of one that holds a *url.Error, that one alone is
// left, with the address as URL shows it. errors.As finds it as before.
func Error(err error) error {
	var of *url.Error
	if !errors.As(err, &of) {
		return err
	}
	return &url.Error{Op: of.Op, URL: Address(of.URL), Err: Error(of.Err)}
}

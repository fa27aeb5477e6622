package redact

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"testing"
)

func TestAnAddressIsShownWithoutWhatMayBeASecret(t *testing.T) {
	for _, c := range []struct{ name, address, want string }{
		{"nothing to hide", "http://prometheus:9090/prefix", "http://prometheus:9090/prefix"},
		{"a user and password", "https://ada:hush@host/api", "https://host/api"},
		{"a user who is the key", "https://hush@host/api", "https://host/api"},
		{"a key in the query", "http://host/?apikey=hush", "http://host/"},
		{"an empty query", "http://host/?", "http://host/"},
		{"a key in the fragment", "http://host/#hush", "http://host/"},
		{"a user and password without a scheme", "ada:hush@host:9090/api?key=hush", "ada:host:9090/api"},
		{"what is no address", "http://ada:hush@[", "an address that can't be read"},
	} {
		if got := Address(c.address); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAnErrorOfAnAddressIsShownWithoutWhatMayBeASecret(t *testing.T) {
	err := Error(fmt.Errorf("ask: %w", &url.Error{Op: "Get", URL: "http://host/a?key=hush", Err: &url.Error{Op: "proxy", URL: "http://hush@proxy", Err: io.EOF}}))
	if got, want := err.Error(), `Get "http://host/a": proxy "http://proxy": EOF`; got != want || !errors.Is(err, io.EOF) {
		t.Errorf("%s, want %s", got, want)
	}
	if err := Error(io.EOF); !errors.Is(err, io.EOF) {
		t.Errorf("another error becomes %v", err)
	}
	if err := Error(nil); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}

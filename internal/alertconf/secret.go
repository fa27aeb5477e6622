package alertconf

import (
	"encoding"
	"fmt"
	"io"
)

var (
	_ fmt.Formatter          = File{}
	_ encoding.TextMarshaler = File{}
	_ fmt.Formatter          = Global{}
	_ encoding.TextMarshaler = Global{}
	_ fmt.Formatter          = Receiver{}
	_ encoding.TextMarshaler = Receiver{}
)

// String names the file's content without the secrets of its receivers; fmt would print past
// the methods of nested values.
func (f File) String() string { return fmt.Sprintf("%d receivers", len(f.Receivers)) }

// Format implements fmt.Formatter, like String.
func (f File) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, f.String()) }

// MarshalText implements encoding.TextMarshaler, like String.
func (f File) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// String shows none of the defaults, since keys and passwords are among them.
func (g Global) String() string { return "global settings" }

// Format implements fmt.Formatter, like String.
func (g Global) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, g.String()) }

// MarshalText implements encoding.TextMarshaler, like String.
func (g Global) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// String names the receiver without what signs in for it.
func (r Receiver) String() string { return "receiver " + r.Name }

// Format implements fmt.Formatter, like String.
func (r Receiver) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, r.String()) }

// MarshalText implements encoding.TextMarshaler, like String.
func (r Receiver) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

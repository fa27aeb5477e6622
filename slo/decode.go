package slo

import (
	"encoding/json"
	"errors"
	"io"
)

// DecodeObject reads one JSON object, as people and programs send what they want. A field that
// doesn't exist, and anything after the object, is an error, so that no slip of the pen is passed over.
func DecodeObject(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one JSON object")
	}
	return nil
}

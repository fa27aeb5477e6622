package promapi

import (
	"mime"
	"net/http"
	"net/url"
	"strconv"
)

// bound lets an answer hold at most so many series, names or values: it lowers the parameter limit of
// a question, in its address or its form, which it returns. What can't be read is left to upstream.
func bound(r *http.Request, form []byte, most int) []byte {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Method == http.MethodPost && kind == "application/x-www-form-urlencoded" {
		if values, err := url.ParseQuery(string(form)); err == nil && lower(values, most) {
			return []byte(values.Encode())
		}
		return form
	}
	if values, err := url.ParseQuery(r.URL.RawQuery); err == nil && lower(values, most) {
		r.URL.RawQuery = values.Encode()
	}
	return form
}

// lower sets the limit where it is higher, and reports whether it did.
func lower(values url.Values, most int) bool {
	asked, err := strconv.Atoi(values.Get("limit"))
	if values.Has("limit") && (err != nil || asked < 0 || asked > 0 && asked <= most) {
		return false
	}
	values.Set("limit", strconv.Itoa(most))
	return true
}

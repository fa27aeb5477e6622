package alertconf

import (
	"fmt"
	"net/http"

	promconfig "github.com/prometheus/common/config"
)

// transport makes what carries the requests of one integration; nil where nothing is
// configured. Redirects are no part of it: senders never follow them, as they would hand
// keys to somebody else.
func transport(c *promconfig.HTTPClientConfig, name string) (http.RoundTripper, error) {
	if c == nil {
		return nil, nil
	}
	t, err := promconfig.NewRoundTripperFromConfig(*c, name)
	if err != nil {
		return nil, fmt.Errorf("read http_config: %w", err)
	}
	return t, nil
}

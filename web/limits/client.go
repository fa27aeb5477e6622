package limits

import (
	"context"
	"net"
	"net/http"
)

type clientKey struct{}

// WithClient notes in a context as whose a request counts, where that is not the address of the peer.
func WithClient(ctx context.Context, client string) context.Context {
	return context.WithValue(ctx, clientKey{}, client)
}

// ClientOf is as whose a request counts: what WithClient noted, else the address of the peer.
func ClientOf(r *http.Request) string {
	if client, ok := r.Context().Value(clientKey{}).(string); ok {
		return client
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

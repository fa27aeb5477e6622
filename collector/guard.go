package collector

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"mime"
	"net"
	"net/http"
	"strconv"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confignet"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"burnline/internal/auth"
)

// Guard lets senders in.
type Guard interface {
	// Admit finds out who sends something by a way such as otlp_grpc. What is not taken fails with
	// *auth.NotTaken.
	Admit(ctx context.Context, way string, c auth.Credentials) (auth.Who, error)
}

// admit refuses a call over gRPC before its body is decoded. grpc has read it by then, within the limit of a
// message; its tap, which comes earlier, keeps the deadline that a refused client named for as long as that is.
func (r *otlpReceiver) admit(ctx context.Context) error {
	if r.c.opts.Guard == nil {
		return nil
	}
	c := auth.Credentials{}
	if values := metadata.ValueFromIncomingContext(ctx, "authorization"); len(values) > 0 {
		c.Authorization = values[0]
	}
	if p, ok := peer.FromContext(ctx); ok {
		c.From = hostOf(p.Addr.String())
		if over, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			c.Certificate = verified(over.State.VerifiedChains)
		}
	}
	if _, err := r.c.opts.Guard.Admit(ctx, auth.FeedOTLPGRPC, c); err != nil {
		return notTaken(err).Err()
	}
	return nil
}

// admitted refuses a request before anything of its body is taken.
func (r *otlpReceiver) admitted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c := auth.Credentials{Authorization: req.Header.Get("Authorization"), From: hostOf(req.RemoteAddr)}
		if req.TLS != nil {
			c.Certificate = verified(req.TLS.VerifiedChains)
		}
		_, err := r.c.opts.Guard.Admit(req.Context(), auth.FeedOTLPHTTP, c)
		if err == nil {
			next.ServeHTTP(w, req)
			return
		}
		media, _, wrong := mime.ParseMediaType(req.Header.Get("Content-Type"))
		if wrong != nil || media != typeProto {
			media = typeJSON
		}
		s := notTaken(err)
		var not *auth.NotTaken
		if errors.As(err, &not) && not.Wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(not.Wait.Seconds()))))
		}
		if s.Code() == codes.Unauthenticated {
			w.Header().Set("WWW-Authenticate", `Bearer realm="burnline"`)
		}
		if req.ProtoMajor == 1 {
			w.Header().Set("Connection", "close") // else the server waits for the body before it answers
		}
		r.refuse(w, media, httpCode(s.Code()), s)
	})
}

// notTaken is what a sender is told. What it may send again is Unavailable, which every client does.
func notTaken(err error) *status.Status {
	var not *auth.NotTaken
	switch {
	case errors.As(err, &not) && not.Wait > 0:
		return status.New(codes.Unavailable, err.Error())
	case not != nil && not.Why == auth.NotForFeeding:
		return status.New(codes.PermissionDenied, err.Error())
	}
	return status.New(codes.Unauthenticated, err.Error())
}

func verified(chains [][]*x509.Certificate) *x509.Certificate {
	if len(chains) == 0 || len(chains[0]) == 0 {
		return nil
	}
	return chains[0][0]
}

func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// exposed says which receivers of a pipeline take from the network, or from anybody where senders have to say
// who they are.
func (c *Collector) exposed(receivers map[component.ID]component.Config) error {
	if c.opts.Open {
		return nil
	}
	var found []error
	for id, cfg := range receivers {
		otlp, ok := cfg.(*otlpreceiver.Config)
		if !ok {
			continue
		}
		ours := id.Type() == component.MustNewType(receiverType)
		if p := otlp.Protocols.GRPC; p.HasValue() {
			t := p.Get().TLS
			found = append(found, c.exposes(id, "grpc", p.Get().NetAddr, ours, t.HasValue() && t.Get().ClientCAFile != ""))
		}
		if p := otlp.Protocols.HTTP; p.HasValue() {
			t := p.Get().ServerConfig.TLS
			found = append(found, c.exposes(id, "http", p.Get().ServerConfig.NetAddr, ours, t.HasValue() && t.Get().ClientCAFile != ""))
		}
	}
	return errors.Join(found...)
}

// exposes says what is wrong with one port of a receiver.
func (c *Collector) exposes(id component.ID, protocol string, at confignet.AddrConfig, ours, certificates bool) error {
	key := fmt.Sprintf("receivers.%s.protocols.%s.endpoint", id, protocol)
	local := auth.Loopback(at.Endpoint) || at.Transport == confignet.TransportTypeUnix
	switch {
	case c.opts.Guard == nil && !local && !certificates:
		return fmt.Errorf("%s: %s is reached from the network, and nobody who sends has to say who it is; write ingest: {auth: required} into burnline.yaml, or listen on 127.0.0.1", key, at.Endpoint)
	case c.opts.Guard != nil && !ours && !certificates:
		return fmt.Errorf("%s: ingest.auth is required, and the receiver otlp asks nobody for a token; name burnline_otlp, which takes the same keys", key)
	}
	return nil
}

package alertconf

import (
	"cmp"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"burnline/alerting"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// SenderOptions are what a sender needs beside its configuration.
type SenderOptions struct {
	// Transport carries its requests; nil takes Go's own.
	Transport http.RoundTripper
	// Now is the clock.
	Now func() time.Time
}

// spec is one kind of integration with its configuration's type.
type spec[C any] struct {
	// name is what rows of the outbox call it, so it must not change; its key in a
	// receiver is made of it.
	name string
	// key is the key in a receiver; "" is name_configs.
	key   string
	first Integration[C]
	list  func(*Receiver) *[]Integration[C]
	fill  func(*C, Global)
	files func(*C) []*string
	make  func(C, SenderOptions) (alerting.Sender, error)
	// http is whether its messages are HTTP requests.
	http bool
}

// kind is a spec without its type.
type kind struct {
	name, key string
	first     any
	// count is how many of them a receiver has.
	count func(*Receiver) int
	// prepare gives the integrations of a receiver their place, the global settings and
	// paths that start from dir.
	prepare func(r *Receiver, g Global, dir string, place func(path string) slo.Source)
	// build makes the senders of a receiver, in order; the errors of one that can't be
	// made stand in its place.
	build func(r *Receiver, g Global, o SenderOptions) []built
}

// built is one integration, ready to send, or what is wrong with it.
type built struct {
	name         string
	skipResolved bool
	sender       alerting.Sender
	err          error
	source       slo.Source
}

// kind returns the spec without its type.
func (s spec[C]) kind() kind {
	s.key = cmp.Or(s.key, s.name+"_configs")
	return kind{name: s.name, key: s.key, first: s.first, prepare: s.prepare, build: s.build,
		count: func(r *Receiver) int { return len(*s.list(r)) }}
}

func (s spec[C]) prepare(r *Receiver, g Global, dir string, place func(path string) slo.Source) {
	list := *s.list(r)
	for i := range list {
		in := &list[i]
		in.Source = place(fmt.Sprintf("%s[%d]", s.key, i))
		s.fill(&in.Config, g)
		in.HTTP.SetDirectory(dir)
		for _, file := range s.files(&in.Config) {
			if *file != "" && !filepath.IsAbs(*file) {
				*file = filepath.Join(dir, *file)
			}
		}
	}
}

func (s spec[C]) build(r *Receiver, g Global, o SenderOptions) []built {
	var all []built
	for i, in := range *s.list(r) {
		b := built{name: fmt.Sprintf("%s/%d", s.name, i), skipResolved: !in.SendResolved, source: in.Source}
		b.sender, b.err = s.one(in, g, o)
		all = append(all, b)
	}
	return all
}

// one makes the sender of one integration.
func (s spec[C]) one(in Integration[C], g Global, o SenderOptions) (alerting.Sender, error) {
	if !s.http {
		if in.HTTP != nil {
			return nil, &yamlconf.Wrong{Message: "http_config is given, and its messages are no HTTP requests", Instead: "remove http_config"}
		}
		return s.make(in.Config, o)
	}
	var err error
	if o.Transport, err = transport(cmp.Or(in.HTTP, g.HTTP), s.name); err != nil {
		return nil, err
	}
	return s.make(in.Config, o)
}

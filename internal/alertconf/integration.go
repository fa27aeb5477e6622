package alertconf

import (
	"cmp"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// integration is what every kind's configuration can say of itself.
type integration[C any] interface {
	*C
	// Files are the paths that may be relative to the configuration's folder.
	Files() []*string
	// SkipResolved reports whether the end of incidents is left out.
	SkipResolved() bool
	// Advice is what may be said of a configuration that works; its paths are relative.
	Advice() slo.Findings
}

// spec is one kind of integration with the type of its configuration.
type spec[C any, P integration[C]] struct {
	// name is what rows of the outbox call it, so it must not change.
	name string
	// key is the key in a receiver; "" is the name with _configs.
	key string
	// first is what a new one starts from, before it takes global settings.
	first C
	// list is where a receiver holds them.
	list func(*Receiver) *[]C
	// http is where its http_config is; nil where it has none.
	http func(*C) **post.HTTPConfig
	// fill sets what is not written from the global settings; nil takes nothing.
	fill func(*C, Global)
	// keepsIncidents, showsWho and listsAlerts are those of alerting.Integration.
	keepsIncidents, showsWho, listsAlerts bool

	make func(C, senderOptions) (alerting.Sender, error)
	// secret stands for what a file of secrets holds in a rehearsal; "" is a web address.
	secret string
}

// kind is a spec without its type.
type kind struct {
	name, key string
	first     any
	// count is how many of them a receiver has.
	count func(*Receiver) int
	// prepare lets paths start from a folder and sets what is taken from the global settings.
	prepare func(r *Receiver, g Global, dir string)
	// names are the integrations of a receiver, in order, as rows of the outbox know them.
	names func(r *Receiver) []alerting.Integration
	// build makes the senders of a receiver, in the same order. One that can't be made says why.
	build func(r *Receiver, o senderOptions) []built
}

// senderOptions are what senders need beside their configurations.
type senderOptions struct {
	now         func() time.Time
	externalURL string
	templates   *render.Renderer
	// rehearsal is set where nothing may leave.
	rehearsal *Rehearsal
}

// transport carries requests; nil takes what each integration says.
func (o senderOptions) transport() http.RoundTripper {
	if o.rehearsal == nil {
		return nil
	}
	return o.rehearsal.Transport
}

// built is one integration, ready to send, or what is wrong with it.
type built struct {
	sender alerting.Sender
	err    error
	advice slo.Findings
}

// kind returns the spec without its type.
func (s spec[C, P]) kind() kind {
	s.key = cmp.Or(s.key, s.name+"_configs")
	return kind{
		name: s.name, key: s.key, first: s.first, prepare: s.prepare, names: s.names, build: s.build,
		count: func(r *Receiver) int { return len(*s.list(r)) },
	}
}

func (s spec[C, P]) prepare(r *Receiver, g Global, dir string) {
	list := *s.list(r)
	for i := range list {
		c := &list[i]
		for _, file := range P(c).Files() {
			absolute(file, dir)
		}
		if s.fill != nil {
			s.fill(c, g)
		}
		if s.http == nil {
			continue
		}
		if http := s.http(c); *http == nil {
			*http = g.HTTP
		} else {
			(*http).SetDirectory(dir)
		}
	}
}

// absolute lets a path start from a folder.
func absolute(path *string, dir string) {
	if *path != "" && !filepath.IsAbs(*path) {
		*path = filepath.Join(dir, *path)
	}
}

func (s spec[C, P]) names(r *Receiver) []alerting.Integration {
	var all []alerting.Integration
	for i, c := range *s.list(r) {
		all = append(all, alerting.Integration{Name: fmt.Sprintf("%s/%d", s.name, i), SkipResolved: P(&c).SkipResolved(),
			KeepsIncidents: s.keepsIncidents, ShowsWho: s.showsWho, ListsAlerts: s.listsAlerts})
	}
	return all
}

func (s spec[C, P]) build(r *Receiver, o senderOptions) []built {
	var all []built
	for _, c := range *s.list(r) {
		b := built{advice: P(&c).Advice()}
		if o.rehearsal != nil {
			b.err = s.rehearse(&c, o.rehearsal)
		}
		if b.err == nil {
			b.sender, b.err = s.make(c, o)
		}
		all = append(all, b)
	}
	return all
}

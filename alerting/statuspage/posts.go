package statuspage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// ErrUnknownPost says that no post has the ID, or that it was taken back.
var ErrUnknownPost = errors.New("there is no post of this ID")

// Draft is a post as the API takes it.
type Draft struct {
	// Title may be ""; Text is what customers read, plain.
	Title string `json:"title,omitempty"`
	Text  string `json:"text"`
	// Journeys are names that the status page has; none is all of them.
	Journeys []string `json:"journeys,omitempty"`
	// By is who answers for it; customers don't read it.
	By string `json:"by"`
}

// DecodeDraft reads one Draft. A field that doesn't exist, and anything after the object, is an
// error, so that no slip of the pen is passed over.
func DecodeDraft(r io.Reader) (Draft, error) {
	var in Draft
	if err := slo.DecodeObject(r, &in); err != nil {
		return Draft{}, fmt.Errorf("read the post: %w", err)
	}
	return in, nil
}

// PostsOptions are what Posts need.
type PostsOptions struct {
	// Store and Config, the page in force, are required; Config's journeys are those that there are.
	Store  alerting.StatusPostStore
	Config func() Config
	// Now is the clock, and NewID makes an ID. Both are required.
	Now   func() time.Time
	NewID func() string
	// Logger may be nil.
	Logger *slog.Logger
}

// Posts takes what people write for customers. It is safe for concurrent use.
type Posts struct{ o PostsOptions }

// NewPosts returns posts, or what is missing in their options.
func NewPosts(o PostsOptions) (*Posts, error) {
	if o.Store == nil || o.Config == nil || o.Now == nil || o.NewID == nil {
		return nil, errors.New("statuspage: posts need Store, Config, Now and NewID")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Posts{o}, nil
}

// maxTitle bounds a title, in bytes.
const maxTitle = 120

// Add publishes a post. The error is slo.Problems where it breaks the rules, another one where the
// store fails.
func (p *Posts) Add(ctx context.Context, in Draft) (alerting.StatusPost, error) {
	var found slo.Problems
	if in.Title != "" {
		found.Text("title", "leave it out, or write what it is about", in.Title)
	}
	if len(in.Title) > maxTitle || strings.ContainsAny(in.Title, "\r\n") {
		found.Add("title", "shorten it to one line of at most 120 bytes", "it is too long for a title")
	}
	found.Text("text", "write what customers shall read", in.Text)
	found.Text("by", "write who answers for it; customers don't read it", in.By)
	c := p.o.Config()
	if len(c.Journeys) == 0 {
		found.Add("journeys", "name journeys under status_page in the configuration", "there is no status page")
	}
	for _, name := range in.Journeys {
		if !slices.ContainsFunc(c.Journeys, func(j JourneyConfig) bool { return j.Name == name }) {
			found.Add("journeys", "write "+c.names(), "%.100q is no journey of the status page", name)
		}
	}
	if len(found) > 0 {
		return alerting.StatusPost{}, found
	}
	post := alerting.StatusPost{ID: p.o.NewID(), At: p.o.Now().UTC(), Title: in.Title, Text: in.Text, Journeys: in.Journeys, By: in.By}
	err := p.o.Store.EditStatusPost(ctx, post.ID, func(old *alerting.StatusPost) (alerting.StatusPost, error) {
		if old != nil {
			return alerting.StatusPost{}, fmt.Errorf("add post %s: another one has this ID", post.ID)
		}
		return post, nil
	})
	if err == nil {
		p.o.Logger.Info("customers can read a post", "id", post.ID, "by", post.By)
	}
	return post, err
}

// names lists the journeys.
func (c *Config) names() string {
	var all []string
	for i := range c.Journeys {
		all = append(all, c.Journeys[i].Name)
	}
	return strings.Join(all, " or ")
}

// Remove takes a post back. The error is slo.Problems where by is nobody's name, ErrUnknownPost, and another
// one where the store fails.
func (p *Posts) Remove(ctx context.Context, id, by string) (alerting.StatusPost, error) {
	var found slo.Problems
	if found.Text("by", "write who takes it back", by); len(found) > 0 {
		return alerting.StatusPost{}, found
	}
	var done alerting.StatusPost
	err := p.o.Store.EditStatusPost(ctx, id, func(old *alerting.StatusPost) (alerting.StatusPost, error) {
		if old == nil || !old.Removed.IsZero() {
			return alerting.StatusPost{}, fmt.Errorf("take post %s back: %w", id, ErrUnknownPost)
		}
		done = *old
		done.Removed, done.RemovedBy = p.o.Now().UTC(), by
		return done, nil
	})
	if err == nil {
		p.o.Logger.Info("a post is taken back", "id", id, "by", by)
	}
	return done, err
}

// List returns the posts of the last 90 days, the newest first, those among them that were taken back.
func (p *Posts) List(ctx context.Context) ([]alerting.StatusPost, error) {
	return p.o.Store.StatusPosts(ctx, p.o.Now().AddDate(0, 0, -Days))
}

// Teams are those behind journeys of the page, by their names; without names, behind all. "" is what
// belongs to no team.
func (p *Posts) Teams(journeys []string, all []*slo.Definition) []string {
	c := p.o.Config()
	var teams []string
	for i := range c.Journeys {
		j := &c.Journeys[i]
		if len(journeys) > 0 && !slices.Contains(journeys, j.Name) {
			continue
		}
		for _, d := range all {
			if j.Holds(d) {
				teams = append(teams, d.Team)
			}
		}
	}
	return teams
}

// Journeys are the names of the page's journeys that an SLO is behind, in their order; nil is any SLO.
func (p *Posts) Journeys(d *slo.Definition) []string {
	c := p.o.Config()
	var names []string
	for i := range c.Journeys {
		if d == nil || c.Journeys[i].Holds(d) {
			names = append(names, c.Journeys[i].Name)
		}
	}
	return names
}

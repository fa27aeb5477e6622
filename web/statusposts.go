package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/statuspage"
	"burnline/internal/auth"
	"burnline/slo"
)

// StatusPosts takes what people write for customers.
type StatusPosts interface {
	// Add publishes a post. The error is slo.Problems where it breaks the rules.
	Add(ctx context.Context, in statuspage.Draft) (alerting.StatusPost, error)
	// Remove takes one back. The error is slo.Problems where by is nobody's name, or
	// statuspage.ErrUnknownPost.
	Remove(ctx context.Context, id, by string) (alerting.StatusPost, error)
	// List returns the posts of the last 90 days, the newest first, those among them that were taken
	// back.
	List(ctx context.Context) ([]alerting.StatusPost, error)
	// Teams are those behind journeys of the page, by their names; without names, behind all.
	Teams(journeys []string, all []*slo.Definition) []string
	// Journeys are the names of those that the page has and an SLO is behind; nil is any SLO. None where
	// there is no page.
	Journeys(d *slo.Definition) []string
}

// StatusPostsJSON are posts, the newest first.
type StatusPostsJSON struct {
	Posts []alerting.StatusPost `json:"posts"`
}

// StatusPostRemoval says who takes a post back.
type StatusPostRemoval struct {
	By string `json:"by"`
}

// apiStatusPosts lists what people wrote.
func (s *server) apiStatusPosts(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.StatusPosts.List(ctx)
	if err != nil {
		s.statusPostFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, StatusPostsJSON{Posts: append([]alerting.StatusPost{}, all...)})
}

// apiStatusPost publishes a post.
func (s *server) apiStatusPost(c *gin.Context) {
	in, err := statuspage.DecodeDraft(http.MaxBytesReader(c.Writer, c.Request.Body, maxCorrection))
	if err != nil {
		s.badBody(c, "The body is no post.", err.Error(), err)
		return
	}
	in.By = s.actorOr(c, in.By)
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	post, err := s.StatusPosts.Add(ctx, in)
	if err != nil {
		s.statusPostFailed(c, err)
		return
	}
	c.JSON(http.StatusCreated, post)
}

// apiRemoveStatusPost takes a post back.
func (s *server) apiRemoveStatusPost(c *gin.Context) {
	var in StatusPostRemoval
	d := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxAcknowledgement))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		s.badBody(c, "The body does not say who takes it back.", `It is such as {"by": "ada"}: `+err.Error(), err)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	post, err := s.StatusPosts.Remove(ctx, c.Param("id"), s.actorOr(c, in.By))
	if err != nil {
		s.statusPostFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, post)
}

// ofStatusPostBody are the teams behind the journeys that a post in the body is about.
func (s *server) ofStatusPostBody(c *gin.Context) ([]string, error) {
	body, err := peek(c, maxCorrection)
	if err != nil {
		return nil, err
	}
	in, err := statuspage.DecodeDraft(bytes.NewReader(body))
	if err != nil {
		return nil, nil // the handler says what is wrong with it
	}
	return s.teamsOfPost(in.Journeys), nil
}

// teamsOfPost are the teams behind the journeys of a post. A journey of the page that no SLO is behind yet, or
// any more, is nobody's: who writes under it acts for all.
func (s *server) teamsOfPost(journeys []string) (teams []string) {
	there, all := s.StatusPosts.Journeys(nil), s.Engine.Definitions()
	if len(journeys) == 0 {
		journeys = there
	}
	for _, name := range journeys {
		behind := s.StatusPosts.Teams([]string{name}, all)
		if len(behind) == 0 && slices.Contains(there, name) {
			behind = []string{auth.EveryTeam}
		}
		teams = append(teams, behind...)
	}
	return teams
}

// ofStatusPost are the teams behind the journeys that the post of the path is about.
func (s *server) ofStatusPost(c *gin.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.StatusPosts.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.ID == c.Param("id") {
			return s.teamsOfPost(p.Journeys), nil
		}
	}
	return nil, nil
}

// statusPostFailed says what is wrong with a request; all of it at once.
func (s *server) statusPostFailed(c *gin.Context, err error) {
	var found slo.Problems
	switch {
	case errors.As(err, &found):
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"Nothing was published or taken back.", err.Error(), found})
	case errors.Is(err, statuspage.ErrUnknownPost):
		s.fail(c, http.StatusNotFound, "No post that stands has this ID.", err.Error())
	default:
		s.fail(c, http.StatusServiceUnavailable, "Posts can't be read or kept at the moment.", err.Error())
	}
}

// statusRoutes are the page that customers read and the API of its posts; none where there are none.
func (s *server) statusRoutes() []route {
	rs := append(mounted("/status", toAll, s.StatusPage), mounted("/status.json", toAll, s.StatusPage)...)
	rs = append(rs, mounted("/status/*path", toAll, s.StatusPage)...)
	if s.StatusPosts == nil {
		return rs
	}
	const path = "/api/v1/status/posts"
	return append(rs,
		view("/posts", s.postsPage),
		form("/posts", toChange, s.postNow).does("write on the status page", s.ofPostForm),
		form("/posts/:id/remove", toChange, s.unpostNow).does("take a post of the status page back", s.ofStatusPost),
		api(http.MethodGet, path, toShow, s.apiStatusPosts, operation{
			summary: "What people wrote for customers within 90 days, the newest first, with what they took back", answer: StatusPostsJSON{},
		}),
		api(http.MethodPost, path, toChange, s.apiStatusPost, operation{
			summary: "Publish something on the status page, in plain words", body: statuspage.Draft{}, answer: alerting.StatusPost{}, made: http.StatusCreated,
			also: map[int]string{http.StatusCreated: "Customers can read it within seconds"},
		}).does("write on the status page", s.ofStatusPostBody),
		api(http.MethodPost, path+"/:id/remove", toChange, s.apiRemoveStatusPost, operation{
			summary: "Take a post back; that it was, and who took it back, is kept", body: StatusPostRemoval{}, answer: alerting.StatusPost{},
		}).does("take a post of the status page back", s.ofStatusPost),
	)
}

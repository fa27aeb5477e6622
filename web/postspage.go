package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/statuspage"
	"burnline/slo"
)

// postsModel is the model of the page on which people write for customers.
type postsModel struct {
	Sentence string
	Posts    []postRow
	Form     statuspage.Draft
	// Journeys are all of the status page, and which of them the post of the form is about.
	Journeys []postJourney
	// Problems are what was wrong with what was sent, of which nothing was done.
	Problems slo.Problems
	// Actor is who is signed in; "" where nobody signs in.
	Actor string
}

// postJourney is a journey as the form offers it.
type postJourney struct {
	Name   string
	Chosen bool
}

// postRow is a post as the page shows it.
type postRow struct {
	alerting.StatusPost
	Actor string
}

// Stands says that customers can read it.
func (r postRow) Stands() bool { return r.Removed.IsZero() }

// postsPage lists what people wrote for customers, and offers to write more; about the journeys of one SLO
// where the address names it.
func (s *server) postsPage(c *gin.Context) {
	m := postsModel{}
	if id := c.Query("slo"); id != "" {
		for _, d := range s.Engine.Definitions() {
			if d.ID == id {
				m.Form.Journeys = s.StatusPosts.Journeys(d)
			}
		}
	}
	s.showPosts(c, http.StatusOK, m)
}

// showPosts shows the page with the form as it is in the model.
func (s *server) showPosts(c *gin.Context, status int, m postsModel) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.StatusPosts.List(ctx)
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "Posts can't be read at the moment.", err.Error())
		return
	}
	m.Actor = s.actor(c)
	for _, name := range s.StatusPosts.Journeys(nil) {
		m.Journeys = append(m.Journeys, postJourney{name, slices.Contains(m.Form.Journeys, name)})
	}
	stand := 0
	for _, one := range all {
		r := postRow{one, m.Actor}
		m.Posts = append(m.Posts, r)
		if r.Stands() {
			stand++
		}
	}
	switch {
	case len(m.Journeys) == 0:
		m.Sentence = "There is no status page."
	case stand == 0:
		m.Sentence = "Nothing was written for customers within 90 days."
	default:
		m.Sentence = plural(stand, "post", "posts") + " of the last 90 days can be read by customers."
	}
	s.show(c, status, "posts", "Posts", "posts", m)
}

// draftOf reads the form.
func draftOf(q url.Values) statuspage.Draft {
	text := func(name string) string { return strings.TrimSpace(strings.ReplaceAll(q.Get(name), "\r\n", "\n")) }
	return statuspage.Draft{Title: text("title"), Text: text("text"), Journeys: q["journey"], By: text("by")}
}

// postNow publishes the post of the form.
func (s *server) postNow(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxCorrection)
	if err := c.Request.ParseForm(); err != nil {
		s.badBody(c, "The form can't be read.", err.Error(), err)
		return
	}
	m := postsModel{Form: draftOf(c.Request.PostForm)}
	m.Form.By = s.actorOr(c, m.Form.By)
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	post, err := s.StatusPosts.Add(ctx, m.Form)
	s.posted(c, m, post.ID, err)
}

// unpostNow takes a post back.
func (s *server) unpostNow(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxCorrection)
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	_, err := s.StatusPosts.Remove(ctx, c.Param("id"), strings.TrimSpace(s.actorOr(c, c.PostForm("by"))))
	s.posted(c, postsModel{}, c.Param("id"), err)
}

// posted leads to the post that was published or taken back, or says why it was not.
func (s *server) posted(c *gin.Context, m postsModel, id string, err error) {
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, "/posts#post-"+url.PathEscape(id))
	case errors.As(err, &m.Problems):
		s.showPosts(c, http.StatusUnprocessableEntity, m)
	default:
		s.statusPostFailed(c, err)
	}
}

// ofPostForm are the teams behind the journeys that the post of a form is about.
func (s *server) ofPostForm(c *gin.Context) ([]string, error) {
	q, err := peekForm(c, maxCorrection)
	if err != nil || q == nil {
		return nil, err
	}
	return s.teamsOfPost(draftOf(q).Journeys), nil
}

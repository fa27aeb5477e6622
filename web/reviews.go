package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting/reviews"
	"burnline/slo"
)

// ReviewReader is what people wrote of incidents.
type ReviewReader interface {
	// Of returns what is kept of incidents, by key; nothing of one of which nothing is.
	Of(ctx context.Context, keys ...string) (map[string]reviews.Review, error)
	// OpenActions returns at most limit actions that are open, those due first before others.
	OpenActions(ctx context.Context, limit int) ([]reviews.Action, error)
}

// Reviews takes what people write of incidents. What fails with slo.Problems,
// reviews.ErrNoIncident or reviews.ErrNoAction is the caller's to mend; other errors are the
// store's.
type Reviews interface {
	ReviewReader
	reviewWriter
}

// reviewWriter is the part of Reviews that changes something.
type reviewWriter interface {
	// Note adds a note, Judge a verdict, and Act an action to an incident.
	Note(ctx context.Context, key string, in reviews.NoteInput) (reviews.Note, error)
	Judge(ctx context.Context, key string, in reviews.VerdictInput) (reviews.Verdict, error)
	Act(ctx context.Context, key string, in reviews.ActionInput) (reviews.Action, error)
	// End says that an action is done, or that it is open again.
	End(ctx context.Context, key, id string, in reviews.DoneInput) (reviews.Action, error)
}

// maxReview bounds the body of a request, and mostActions how many open actions are listed.
const (
	maxReview   = 64 << 10
	mostActions = 500
)

// ReviewJSON is what people wrote of an incident, with the moments that count.
type ReviewJSON struct {
	Incident string            `json:"incident"`
	Times    reviews.Times     `json:"times"`
	Spent    *reviews.Spent    `json:"budget_spent"`
	Verdict  *reviews.Verdict  `json:"verdict"`
	Verdicts []reviews.Verdict `json:"verdicts"`
	Notes    []reviews.Note    `json:"notes"`
	Actions  []reviews.Action  `json:"actions"`
}

// TimelineJSON is all that happened to an incident, in order of time.
type TimelineJSON struct {
	Incident string          `json:"incident"`
	Events   []reviews.Event `json:"events"`
	// Missing says what could not be read, so that it may be missing.
	Missing []string `json:"missing"`
}

// PostmortemJSON is the draft of a postmortem.
type PostmortemJSON struct {
	Incident string   `json:"incident"`
	Markdown string   `json:"markdown"`
	Missing  []string `json:"missing"`
}

// ActionsJSON are actions of all incidents that are open.
type ActionsJSON struct {
	Actions []reviews.Action `json:"actions"`
}

// reviewAsked reads what somebody writes: by JSON, or by a page's form, from which fill takes it; false
// when it said what is wrong.
func (s *server) reviewAsked(c *gin.Context, into any, example string, fill func(url.Values)) bool {
	if s.isAPI(c) {
		return s.decodeReview(c, into, example)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxReview)
	if err := c.Request.ParseForm(); err != nil {
		s.badBody(c, "The form can't be read.", err.Error(), err)
		return false
	}
	fill(c.Request.PostForm)
	return true
}

// decodeReview reads a body of one object; false when it said what is wrong.
func (s *server) decodeReview(c *gin.Context, into any, example string) bool {
	err := slo.DecodeObject(http.MaxBytesReader(c.Writer, c.Request.Body, maxReview), into)
	if err != nil {
		s.badBody(c, "The body can't be read.", "It is such as "+example+": "+err.Error(), err)
	}
	return err == nil
}

// reviewFailed says what is wrong with what somebody wrote, all of it; nothing was kept.
func (s *server) reviewFailed(c *gin.Context, err error) {
	var found slo.Problems
	switch {
	case errors.As(err, &found) && s.isAPI(c):
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"That can't be taken so; nothing was kept.", err.Error(), found})
	case errors.As(err, &found):
		s.fail(c, http.StatusUnprocessableEntity, "That can't be taken so; nothing was kept.", err.Error())
	case errors.Is(err, reviews.ErrNoIncident):
		s.fail(c, http.StatusNotFound, "No incident has this key.", "The list of incidents shows every one that is recorded.")
	case errors.Is(err, reviews.ErrNoAction):
		s.fail(c, http.StatusNotFound, "The incident has no action of this ID.", c.Param("action"))
	default:
		s.fail(c, http.StatusServiceUnavailable, "What people write of incidents can't be read or kept at the moment.", err.Error())
	}
}

// written answers with what was kept: by JSON, or after a form with the incident's page.
func (s *server) written(c *gin.Context, status int, kept any, err error, part string) {
	switch {
	case err != nil:
		s.reviewFailed(c, err)
	case s.isAPI(c):
		c.JSON(status, kept)
	default:
		c.Redirect(http.StatusSeeOther, "/incidents/"+url.PathEscape(c.Param("key"))+part)
	}
}

// note takes a note, by JSON or a page's form.
func (s *server) note(c *gin.Context) {
	var in reviews.NoteInput
	if !s.reviewAsked(c, &in, `{"by": "ada", "text": "the bank answers again"}`, func(q url.Values) {
		in = reviews.NoteInput{By: q.Get("by"), Text: q.Get("text")}
	}) {
		return
	}
	in.By = s.actorOr(c, in.By)
	ctx, cancel := context.WithTimeout(c.Request.Context(), acknowledgeTimeout)
	defer cancel()
	n, err := s.Reviews.Note(ctx, c.Param("key"), in)
	s.written(c, http.StatusCreated, n, err, "#timeline")
}

// verdict takes a verdict.
func (s *server) verdict(c *gin.Context) {
	var in reviews.VerdictInput
	if !s.reviewAsked(c, &in, `{"by": "ada", "value": "noise", "why": "nobody had to act"}`, func(q url.Values) {
		in = reviews.VerdictInput{By: q.Get("by"), Value: reviews.Value(q.Get("value")), Why: q.Get("why")}
	}) {
		return
	}
	in.By = s.actorOr(c, in.By)
	ctx, cancel := context.WithTimeout(c.Request.Context(), acknowledgeTimeout)
	defer cancel()
	v, err := s.Reviews.Judge(ctx, c.Param("key"), in)
	s.written(c, http.StatusOK, v, err, "#after")
}

// act takes an action.
func (s *server) act(c *gin.Context) {
	var in reviews.ActionInput
	if !s.reviewAsked(c, &in, `{"by": "ada", "text": "time out after 2 s", "owner": "ben", "due": "2026-12-01"}`, func(q url.Values) {
		in = reviews.ActionInput{By: q.Get("by"), Text: q.Get("text"), Owner: q.Get("owner"), Due: q.Get("due")}
	}) {
		return
	}
	in.By = s.actorOr(c, in.By)
	ctx, cancel := context.WithTimeout(c.Request.Context(), acknowledgeTimeout)
	defer cancel()
	a, err := s.Reviews.Act(ctx, c.Param("key"), in)
	s.written(c, http.StatusCreated, a, err, "#after")
}

// endAction says that an action is done, or open again.
func (s *server) endAction(c *gin.Context) {
	var in reviews.DoneInput
	if !s.reviewAsked(c, &in, `{"by": "ada", "done": true}`, func(q url.Values) {
		in = reviews.DoneInput{By: q.Get("by"), Done: q.Get("done") != ""}
	}) {
		return
	}
	in.By = s.actorOr(c, in.By)
	ctx, cancel := context.WithTimeout(c.Request.Context(), acknowledgeTimeout)
	defer cancel()
	a, err := s.Reviews.End(ctx, c.Param("key"), c.Param("action"), in)
	s.written(c, http.StatusOK, a, err, "#after")
}

// apiReview returns what people wrote of an incident.
func (s *server) apiReview(c *gin.Context) {
	known, ok := s.caseAsked(c)
	if !ok {
		return
	}
	if known.reviewError != nil {
		s.reviewFailed(c, known.reviewError)
		return
	}
	r := known.Review
	out := ReviewJSON{Incident: known.Record.Incident.Key, Times: reviews.TimesOf(known.Record), Spent: known.Spent,
		Verdicts: append([]reviews.Verdict{}, r.Verdicts...), Notes: append([]reviews.Note{}, r.Notes...), Actions: append([]reviews.Action{}, r.Actions...)}
	if v, is := r.Verdict(); is {
		out.Verdict = &v
	}
	c.JSON(http.StatusOK, out)
}

// apiTimeline returns all that happened to an incident.
func (s *server) apiTimeline(c *gin.Context) {
	if known, ok := s.caseAsked(c); ok {
		c.JSON(http.StatusOK, TimelineJSON{known.Record.Incident.Key, known.Timeline(), append([]string{}, known.missing...)})
	}
}

// apiPostmortem returns the draft of a postmortem.
func (s *server) apiPostmortem(c *gin.Context) {
	if known, ok := s.caseAsked(c); ok {
		c.JSON(http.StatusOK, PostmortemJSON{known.Record.Incident.Key, known.Postmortem(), append([]string{}, known.missing...)})
	}
}

// postmortem returns the draft of a postmortem as a file.
func (s *server) postmortem(c *gin.Context) {
	if known, ok := s.caseAsked(c); ok {
		s.markdown(c, "postmortem-"+known.Record.Incident.Started.UTC().Format("2006-01-02-1504")+".md", known.Postmortem())
	}
}

// markdown answers with Markdown, as a file to keep.
func (s *server) markdown(c *gin.Context, name, text string) {
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Data(http.StatusOK, "text/markdown; charset=utf-8", []byte(text))
}

// apiActions lists the actions of all incidents that are open.
func (s *server) apiActions(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.Reviews.OpenActions(ctx, mostActions)
	if err != nil {
		s.reviewFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, ActionsJSON{append([]reviews.Action{}, all...)})
}

// reviewRoutes are what follows incidents; none where nobody keeps that.
func (s *server) reviewRoutes() []route {
	if s.Reviews == nil {
		return nil
	}
	const page, path = "/incidents/:key", "/api/v1/incidents/:key"
	const wrong, gone = "What is written breaks a rule; findings say which", "No incident has this key, or it has no such action"
	kept := map[int]string{http.StatusCreated: "It is kept; the same words of the same person within a minute are kept once", http.StatusNotFound: gone,
		http.StatusUnprocessableEntity: wrong, http.StatusServiceUnavailable: storeAway}
	ended := map[int]string{http.StatusNotFound: gone, http.StatusUnprocessableEntity: wrong, http.StatusServiceUnavailable: storeAway}
	read := map[int]string{http.StatusNotFound: "No incident has this key", http.StatusServiceUnavailable: storeAway}
	return []route{
		view(page+"/postmortem.md", s.postmortem),
		form(page+"/notes", toChange, s.note).does("note something of an incident", s.ofIncident),
		form(page+"/verdict", toChange, s.verdict).does("judge an incident", s.ofIncident),
		form(page+"/actions", toChange, s.act).does("add an action to an incident", s.ofIncident),
		form(page+"/actions/:action", toChange, s.endAction).does("end an action of an incident", s.ofIncident),
		api(http.MethodGet, path+"/timeline", toShow, s.apiTimeline, operation{summary: "All that happened to an incident, in order of time", answer: TimelineJSON{}, also: read}),
		api(http.MethodGet, path+"/review", toShow, s.apiReview, operation{
			summary: "What people wrote of an incident, the moments that count, and what it took of the budget", answer: ReviewJSON{}, also: read,
		}),
		api(http.MethodGet, path+"/postmortem", toShow, s.apiPostmortem, operation{summary: "The draft of a postmortem in Markdown, from the record", answer: PostmortemJSON{}, also: read}),
		api(http.MethodPost, path+"/notes", toChange, s.note, operation{
			summary: "Add a note to an incident; it can't be changed", body: reviews.NoteInput{}, answer: reviews.Note{}, made: http.StatusCreated, also: kept,
		}).does("note something of an incident", s.ofIncident),
		api(http.MethodPost, path+"/verdict", toChange, s.verdict, operation{
			summary: "Say whether an incident was useful or noise; the last verdict counts", body: reviews.VerdictInput{}, answer: reviews.Verdict{}, also: ended,
		}).does("judge an incident", s.ofIncident),
		api(http.MethodPost, path+"/actions", toChange, s.act, operation{
			summary: "Add an action with an owner and a day to an incident", body: reviews.ActionInput{}, answer: reviews.Action{}, made: http.StatusCreated, also: kept,
		}).does("add an action to an incident", s.ofIncident),
		api(http.MethodPost, path+"/actions/:action", toChange, s.endAction, operation{
			summary: "Say that an action is done, or open again", body: reviews.DoneInput{}, answer: reviews.Action{}, also: ended,
		}).does("end an action of an incident", s.ofIncident),
		api(http.MethodGet, "/api/v1/actions", toShow, s.apiActions, operation{summary: "The actions of all incidents that are open, those due first before others", answer: ActionsJSON{}}),
		view("/review", s.weekPage),
		api(http.MethodGet, "/api/v1/review", toShow, s.apiWeek, operation{
			summary: "How the telling of people went in a week: noise, night pages, pages without runbook, actions overdue",
			query:   map[string]string{"week": "a week of ISO 8601 such as 2026-W47; the one before this without it"}, answer: WeekJSON{},
		}),
		view("/handover", s.handoverPage),
		view("/handover.md", s.handoverFile),
		api(http.MethodGet, "/api/v1/handover", toShow, s.apiHandover, operation{
			summary: "What who takes over a shift has to know",
			query:   map[string]string{"from": "the beginning of the shift, Unix seconds or RFC 3339; 12 hours before its end without it", "to": "its end; now without it"},
			answer:  HandoverJSON{},
		}),
	}
}

// pause is the time within which a page's parts are read.
const pause = 3 * time.Second

package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
)

const (
	// maxAcknowledgement bounds the body of a request.
	maxAcknowledgement = 4 << 10
	// maxBy bounds who acknowledges, in characters.
	maxBy = 100
	// acknowledgeTimeout bounds what one request may wait for the store of state.
	acknowledgeTimeout = 10 * time.Second
)

// acknowledgementJSON says that somebody has an incident.
type acknowledgementJSON struct {
	// By is who has it, in at most 100 characters.
	By string `json:"by"`
}

// apiAcknowledge takes the body {"by": "ada"} and answers with the incident.
func (s *server) apiAcknowledge(c *gin.Context) {
	var in acknowledgementJSON
	d := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxAcknowledgement))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		s.badBody(c, "The body is no acknowledgement.", `It is such as {"by": "ada"}: `+err.Error(), err)
		return
	}
	key, ok := s.acknowledge(c, s.actorOr(c, in.By), alerting.ViaAPI)
	if !ok {
		return
	}
	record, _, err := s.Ledger.Incident(c.Request.Context(), key)
	if err != nil {
		s.ledgerFailed(c, err)
		return
	}
	c.JSON(http.StatusOK, s.toIncident(record))
}

// acknowledgeForm takes the form of an incident's page and leads back there.
func (s *server) acknowledgeForm(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxAcknowledgement)
	if err := c.Request.ParseForm(); err != nil {
		s.badBody(c, "The form can't be read.", err.Error(), err)
		return
	}
	if key, ok := s.acknowledge(c, s.actorOr(c, c.PostForm("by")), alerting.ViaWeb); ok {
		c.Redirect(http.StatusSeeOther, "/incidents/"+url.PathEscape(key)+"#now")
	}
}

// acknowledge takes an acknowledgement of the incident of the path and returns its key; false when it
// said what is wrong.
func (s *server) acknowledge(c *gin.Context, by, via string) (string, bool) {
	by = strings.Join(strings.Fields(by), " ")
	if by == "" || utf8.RuneCountInString(by) > maxBy || !utf8.ValidString(by) {
		s.fail(c, http.StatusUnprocessableEntity, "It is not said who acknowledges.", "Write a name of at most 100 characters.")
		return "", false
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), acknowledgeTimeout)
	defer cancel()
	record, found, err := s.Ledger.Incident(ctx, c.Param("key"))
	if err != nil {
		s.ledgerFailed(c, err)
		return "", false
	}
	if found {
		err = s.Acknowledge(ctx, record.Incident.Key, by, via, s.Now())
	}
	switch {
	case !found:
		s.fail(c, http.StatusNotFound, "No incident has this key.", "The list of incidents shows every one that is recorded.")
	case errors.Is(err, alerting.ErrNotOpen):
		s.fail(c, http.StatusConflict, "The incident is over, so there is nothing to acknowledge.", "")
	case err != nil:
		s.fail(c, http.StatusServiceUnavailable, "The acknowledgement can't be kept at the moment.", err.Error())
	}
	return record.Incident.Key, found && err == nil
}

// acknowledgeRoutes take note that somebody has an incident; none where nobody takes it.
func (s *server) acknowledgeRoutes() []route {
	if s.Acknowledge == nil {
		return nil
	}
	return []route{
		form("/incidents/:key/acknowledge", toChange, s.acknowledgeForm).does("acknowledge an incident", s.ofIncident),
		api(http.MethodPost, "/api/v1/incidents/:key/acknowledge", toChange, s.apiAcknowledge, operation{
			summary: "Say that somebody has the incident: it is not told again, and other receivers are told who has it", body: acknowledgementJSON{}, answer: incidentJSON{},
			also: map[int]string{http.StatusOK: "It is kept; acknowledging twice changes nothing", http.StatusNotFound: "No incident has this key", http.StatusConflict: "The incident is over",
				http.StatusUnprocessableEntity: "It is not said who acknowledges", http.StatusServiceUnavailable: storeAway}}).does("acknowledge an incident", s.ofIncident),
	}
}

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/alerting"
	"burnline/slo"
)

func whyCommand() *cobra.Command {
	c := whyClient{serverClient{tree: "/api/v1/incidents"}}
	cmd := &cobra.Command{
		Use:   "why INCIDENT|SLO|ALERT",
		Short: "Tell what became of an incident, and why",
		Long: `Asks a running server for the whole story of an incident: what it rests on, what holds it open now, what was decided
of it at each receiver and why, and each message with its state and the receiver's answer. It is found by the beginning of its key, by the
ID or the name of its SLO, or by the name of an alert; of several an open page is told, else what is open, else the newest.

Exit code: 0 when it is told, 1 when nothing is found, 2 when the server can't be asked.`,
		Example: "  burnline why 3f2a9c\n  burnline why checkout/checkout-availability\n  burnline why DiskFull",
		Args:    oneArgument("burnline why DiskFull"),
		RunE:    c.run,
	}
	c.register(cmd)
	return cmd
}

// whyClient asks a server.
type whyClient struct{ serverClient }

// whyRecord is an incident as the server tells it.
type whyRecord struct {
	Key         string              `json:"key"`
	SLO         string              `json:"slo"`
	Cause       slo.Cause           `json:"cause"`
	Severity    slo.Severity        `json:"severity"`
	Summary     string              `json:"summary"`
	Details     []alerting.Detail   `json:"details"`
	Started     time.Time           `json:"started"`
	Opened      time.Time           `json:"opened"`
	Closed      time.Time           `json:"closed"`
	Replaces    string              `json:"replaces"`
	Transitions []alerting.Step     `json:"transitions"`
	Decisions   []alerting.Decision `json:"decisions"`
	Deliveries  []whyDelivery       `json:"deliveries"`
	// Acknowledgements are what people did about it.
	Acknowledgements []alerting.Acknowledgement `json:"acknowledgements"`
	Alerts           []whyAlert                 `json:"alerts"`
	Evidence         *whyEvidence               `json:"evidence"`
	// Holding is what holds it open now; nil where it is closed, or not an SLO's burn.
	Holding *whyHolding `json:"holding"`
}

// whyEvidence is what is known of customers, places and changes, as of a moment.
type whyEvidence struct {
	AsOf  time.Time         `json:"as_of"`
	Facts []alerting.Detail `json:"facts"`
}

// whyAlert is an outside alert of an incident.
type whyAlert struct {
	Labels map[string]string `json:"labels"`
	Starts time.Time         `json:"starts"`
	Ended  time.Time         `json:"ended"`
	Fate   string            `json:"fate"`
	By     string            `json:"by"`
}

// whyDelivery is a message of an incident.
type whyDelivery struct {
	Receiver    string            `json:"receiver"`
	Integration string            `json:"integration"`
	Action      alerting.Action   `json:"action"`
	State       alerting.RowState `json:"state"`
	Attempts    int               `json:"attempts"`
	Created     time.Time         `json:"created"`
	Next        time.Time         `json:"next"`
	Settled     time.Time         `json:"settled"`
	HeldUntil   time.Time         `json:"held_until"`
	Answer      string            `json:"answer"`
	Message     alerting.Message  `json:"message"`
}

func (c *whyClient) run(cmd *cobra.Command, args []string) error {
	var found struct {
		Incidents []whyRecord `json:"incidents"`
	}
	const most = 20
	query := url.Values{"find": {args[0]}, "limit": {strconv.Itoa(most)}}
	body, err := c.ask(cmd, http.MethodGet, "?"+query.Encode(), nil, &found)
	if err != nil {
		return err
	}
	if len(found.Incidents) == 0 {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "no incident is known whose key begins with %q, nor of an SLO or alert of that name\n", args[0])
		return &exitError{code: exitFindings}
	}
	if c.output == "json" {
		return c.print(cmd, body)
	}
	first := foremost(found.Incidents)
	var b strings.Builder
	told := found.Incidents[first]
	if told.Cause == slo.CauseAlert { // its alerts are told one by one
		if _, err := c.ask(cmd, http.MethodGet, "/"+url.PathEscape(told.Key), nil, &told); err != nil {
			return err
		}
	}
	told.write(&b)
	others := append(found.Incidents[:first:first], found.Incidents[first+1:]...)
	for i, r := range others {
		if i == 0 {
			b.WriteString("\nOthers that are found:\n")
		}
		fmt.Fprintf(&b, "  %s  %s of %s, opened %s\n", short(r.Key), r.Severity, r.SLO, moment(r.Opened))
	}
	return c.print(cmd, b.String())
}

// foremost is the incident that is told: an open page, else what is open, else the newest.
func foremost(all []whyRecord) int {
	for _, fits := range []func(whyRecord) bool{
		func(r whyRecord) bool { return r.Closed.IsZero() && r.Severity == slo.Page },
		func(r whyRecord) bool { return r.Closed.IsZero() },
	} {
		if i := slices.IndexFunc(all, fits); i >= 0 {
			return i
		}
	}
	return 0
}

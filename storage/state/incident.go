package state

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"burnline/alerting"
	"burnline/slo"
)

// canonical follows a key that stands for another incident. Such a key never
// opens an incident of its own again, so that there are no circles.
func (w writer) canonical(key string) (string, error) {
	key = plain(key) // it may come from an address
	for {
		var next string
		err := w.tx.QueryRowContext(w.ctx, `SELECT dedup_key FROM aliases WHERE alias = $1 AND dedup_key <> alias`, key).Scan(&next)
		if errors.Is(err, sql.ErrNoRows) {
			return key, nil
		}
		if err != nil {
			return "", fmt.Errorf("read alias of incident: %w", err)
		}
		key = next
	}
}

// load reads and locks one incident.
func (w writer) load(key string) (stored, error) {
	var body, message string
	err := w.tx.QueryRowContext(w.ctx, `SELECT incident, message FROM incidents WHERE dedup_key = $1`+w.s.dialect.lock, key).Scan(&body, &message)
	if errors.Is(err, sql.ErrNoRows) {
		return stored{}, nil
	}
	if err != nil {
		return stored{}, fmt.Errorf("read incident: %w", err)
	}
	known := stored{found: true}
	if known.incident, err = decodeIncident(body); err != nil {
		return stored{}, err
	}
	known.newest, err = decodeMessage(message)
	return known, err
}

// openLike returns the key of the open incident with the same SLO, cause, first
// group, severity and receiver; "" when there is none.
func (w writer) openLike(in slo.Incident) (string, error) {
	var key string
	err := w.tx.QueryRowContext(w.ctx, `SELECT dedup_key FROM incidents
		WHERE slo = $1 AND cause = $2 AND first_group = $3 AND severity = $4 AND receiver = $5 AND closed = 0`,
		indexed(in.SLO), cause(in), indexed(in.Group.String()), string(in.Severity), plain(in.Receiver)).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for an open incident: %w", err)
	}
	return key, nil
}

// cause is what an incident rests on, as it is stored: "" for burn.
func cause(in slo.Incident) string {
	if in.Cause == slo.CauseBurn {
		return ""
	}
	return string(in.Cause)
}

// plain is text as every database takes it. PostgreSQL refuses NUL and what is no UTF-8, either
// of which a label may bring, and no page is lost for that.
func plain(text string) string {
	const unknown = "\uFFFD"
	return strings.ReplaceAll(strings.ToValidUTF8(text, unknown), "\x00", unknown)
}

// mostIndexed is how many bytes of a text stand in an index. PostgreSQL refuses entries of
// more than some 2,700 bytes, and the label of an alert may have 65,536.
const mostIndexed = 800

// indexed is a text as columns with an index hold it: of a long one the beginning and a hash of
// all of it. The incident itself, in its own column, is whole.
func indexed(text string) string {
	text = plain(text)
	if len(text) <= mostIndexed {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return strings.ToValidUTF8(text[:mostIndexed-2*len(sum)], "") + hex.EncodeToString(sum[:])
}

// save writes the incident as the transition leaves it, and the step. An
// opening of what is open (its ticket still has to close) changes nothing here.
func (w writer) save(t slo.Transition, known stored, p alerting.Plan) error {
	in := t.Incident
	if known.found {
		if t.Kind == slo.IncidentOpened && known.open() {
			return nil
		}
		in = known.incident
		in.Groups, in.SLOs = union(in.Groups, t.Incident.Groups), unionSLOs(in.SLOs, t.Incident.SLOs)
		if t.Kind == slo.IncidentOpened {
			in = t.Incident // it opens again, with what is true now
		}
	}
	switch {
	case t.Kind == slo.IncidentRecorded:
	case t.Kind != slo.IncidentClosed:
		in.Closed = fromNanos(0)
	case t.Incident.Closed.IsZero():
		in.Closed = t.At
	default:
		in.Closed = t.Incident.Closed
	}
	write := w.insert
	if known.found {
		write = w.update
	}
	if err := write(in, p.Title, p.Newest); err != nil {
		return err
	}
	if !known.found {
		return w.firstStep(in.Key, t.Kind, nanos(t.At), t.Reason)
	}
	return w.step(in.Key, t.Kind, nanos(t.At), t.Reason)
}

// insert writes a new incident. Where another node was quicker nothing is
// written and the transaction starts over.
func (w writer) insert(in slo.Incident, title string, newest alerting.Message) error {
	body, message, err := encode(in, newest)
	if err != nil {
		return err
	}
	result, err := w.tx.ExecContext(w.ctx, `INSERT INTO incidents
		(dedup_key, slo, cause, severity, first_group, receiver, opened, closed, title, message, incident)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
		in.Key, indexed(in.SLO), cause(in), string(in.Severity), indexed(in.Group.String()), plain(in.Receiver), nanos(in.Opened), nanos(in.Closed), plain(title), message, body)
	if err != nil {
		return fmt.Errorf("write incident: %w", err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = errRaced
	}
	return err
}

// update writes a known incident anew; an empty title keeps the old one and the
// old text.
func (w writer) update(in slo.Incident, title string, newest alerting.Message) error {
	body, message, err := encode(in, newest)
	if err != nil {
		return err
	}
	if title == "" {
		message = ""
	}
	_, err = w.tx.ExecContext(w.ctx, `UPDATE incidents SET opened = $1, closed = $2, incident = $3,
		title = COALESCE(NULLIF($4, ''), title), message = COALESCE(NULLIF($5, ''), message)
		WHERE dedup_key = $6`, nanos(in.Opened), nanos(in.Closed), body, plain(title), message, in.Key)
	if err != nil {
		return fmt.Errorf("write incident: %w", err)
	}
	return nil
}

// closeTicket closes the ticket that a page takes the place of.
func (w writer) closeTicket(t slo.Transition, ticket slo.Incident) error {
	ticket.Closed = t.At
	if err := w.update(ticket, "", alerting.Message{}); err != nil {
		return err
	}
	return w.step(ticket.Key, slo.IncidentClosed, nanos(t.At), "rose to page "+t.Incident.Key)
}

// step appends to the story of an incident.
func (w writer) step(key string, kind slo.TransitionKind, at int64, reason string) error {
	_, err := w.tx.ExecContext(w.ctx, `INSERT INTO steps (dedup_key, seq, kind, at, reason)
		VALUES ($1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM steps WHERE dedup_key = $1), $2, $3, $4)`, key, string(kind), at, plain(reason))
	if err != nil {
		return fmt.Errorf("write step of incident: %w", err)
	}
	return nil
}

// firstStep begins the story of an incident that nothing is known of. In a storm, looking for what can't be
// there would be a third of what an opening costs.
func (w writer) firstStep(key string, kind slo.TransitionKind, at int64, reason string) error {
	_, err := w.tx.ExecContext(w.ctx, `INSERT INTO steps (dedup_key, seq, kind, at, reason) VALUES ($1, 1, $2, $3, $4)`, key, string(kind), at, plain(reason))
	if err != nil {
		return fmt.Errorf("write step of incident: %w", err)
	}
	return nil
}

// encode writes an incident and what there is to tell of it.
func encode(in slo.Incident, newest alerting.Message) (body, message string, _ error) {
	b, err := json.Marshal(in)
	if err != nil {
		return "", "", fmt.Errorf("write incident as JSON: %w", err)
	}
	m, err := json.Marshal(newest)
	if err != nil {
		return "", "", fmt.Errorf("write message as JSON: %w", err)
	}
	return string(b), string(m), nil
}

// decodeMessage reads a message as it was stored.
func decodeMessage(message string) (alerting.Message, error) {
	var m alerting.Message
	if err := json.Unmarshal([]byte(message), &m); err != nil {
		return alerting.Message{}, fmt.Errorf("read stored message: %w", err)
	}
	return m, nil
}

// decodeIncident reads an incident as it was stored.
func decodeIncident(body string) (slo.Incident, error) {
	var in slo.Incident
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return slo.Incident{}, fmt.Errorf("read stored incident: %w", err)
	}
	return in, nil
}

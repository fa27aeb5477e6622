package alerting

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"burnline/slo"
)

// The origins of outside alerts.
const (
	// OriginRules are Burnline's own runs of rule files. They say themselves when an
	// alert is over, so it never expires.
	OriginRules = "rules"
	// OriginAPI is Alertmanager's API. An alert of it ends when its sender falls silent,
	// as in Alertmanager.
	OriginAPI = "alertmanager"
)

const (
	// MaxAlertBytes bounds the labels and annotations of one outside alert, names and
	// values together.
	MaxAlertBytes = 64 << 10
	// defaultResolveTimeout and defaultGroupInterval are Alertmanager's own.
	defaultResolveTimeout = 5 * time.Minute
	defaultGroupInterval  = 5 * time.Minute
)

// alertPrefix stands before the name of an alert where an incident names its SLO.
const alertPrefix = "alert/"

// nameLabel is the label that carries an alert's name.
const nameLabel = "alertname"

// ErrBadAlert is what every error wraps that is the sender's: the alert will never
// be taken as it is.
var ErrBadAlert = errors.New("this alert can't be taken")

// incoming is news of one alert, of its sender or of Burnline's own.
type incoming struct {
	print string
	// alert is what was told; nil where the alert ends without anybody saying so.
	alert *slo.Alert
	// expires is until when it fires by this news alone.
	expires time.Time
	// ending and reason say how it ends; "" while it fires.
	ending slo.Ending
	reason string
}

// receive checks alerts and returns them by print, each the newest of its labels, with
// the number of those that can't be taken and what is wrong with them.
func receive(alerts []slo.Alert, now time.Time, timeout time.Duration) (news map[string]*incoming, refused int, _ error) {
	if timeout <= 0 {
		timeout = defaultResolveTimeout
	}
	var errs []error
	const mostNamed = 20
	news = make(map[string]*incoming, len(alerts))
	for i := range alerts {
		if err := checkAlert(&alerts[i]); err != nil {
			if refused++; refused <= mostNamed {
				errs = append(errs, fmt.Errorf("alert %d: %w", i+1, err))
			}
			continue
		}
		in := newIncoming(alerts[i], now, timeout)
		news[in.print] = in
	}
	if more := refused - mostNamed; more > 0 {
		errs = append(errs, fmt.Errorf("and %d more alerts that can't be taken", more))
	}
	return news, refused, errors.Join(errs...)
}

// checkAlert says what is wrong with an alert, and what to send instead.
func checkAlert(a *slo.Alert) error {
	if len(a.Labels) == 0 {
		return fmt.Errorf("%w: it has no labels; send at least alertname", ErrBadAlert)
	}
	size := 0
	for _, l := range a.Labels {
		size += len(l.Name) + len(l.Value)
	}
	for name, value := range a.Annotations {
		size += len(name) + len(value)
	}
	if size > MaxAlertBytes {
		return fmt.Errorf("%w: %s has %s bytes of labels and annotations; send at most %s", ErrBadAlert,
			inline(orElse(a.Labels.Get(nameLabel), "it")), Count(float64(size)), Count(MaxAlertBytes))
	}
	return nil
}

func newIncoming(a slo.Alert, now time.Time, timeout time.Duration) *incoming {
	in := &incoming{print: Print(a.Labels), alert: &a}
	if a.StartsAt.IsZero() || a.StartsAt.After(now) {
		a.StartsAt = now
	}
	switch {
	case !a.EndsAt.IsZero() && !a.EndsAt.After(now):
		in.ending, in.reason = slo.EndingRecovered, "the alert is resolved"
		return in
	case a.Origin == OriginRules:
	case a.EndsAt.IsZero():
		in.expires = now.Add(timeout)
	default:
		in.expires = a.EndsAt
	}
	a.EndsAt = time.Time{}
	return in
}

// alertNews is what news of an alert change.
type alertNews string

const (
	newsNone  alertNews = ""
	newsSeen  alertNews = "seen"  // it goes on, and something of it has to be written
	newsBegan alertNews = "began" // it fires, and did not before
	newsEnded alertNews = "ended"
)

// against compares the news with what is stored; nil is nothing.
func (in *incoming) against(have *OutsideAlert, now time.Time) alertNews {
	switch fired, fires := have != nil && have.Fires(), in.ending == ""; {
	case !fired && !fires:
		return newsNone
	case !fired:
		return newsBegan
	case in.ending == slo.EndingIdle && (have.Expires.IsZero() || have.Expires.After(now)):
		return newsNone // it was sent again meanwhile
	case !fires:
		return newsEnded
	case !prolongs(have.Expires, in.expires, now) && have.GeneratorURL == in.alert.GeneratorURL &&
		maps.Equal(have.Annotations, in.alert.Annotations):
		return newsNone
	}
	return newsSeen
}

// prolongs reports whether a new expiry has to be written: an alert that is sent
// again every minute would cost a write each time, so the stored one may be nearer by
// a third. It is no more, because a sender whose next news get lost, as those of one that
// restarts do, still has time to speak before the alert ends: Prometheus sends every minute what
// is to end after four. A sender that wants an alert to end much sooner is heard as well.
func prolongs(have, told, now time.Time) bool {
	if have.IsZero() { // rules told of it, and only they say when it ends
		return false
	}
	if told.IsZero() {
		return true
	}
	left, wanted := have.Sub(now), told.Sub(now)
	return left < wanted*2/3 || wanted < left/2
}

// apply writes the news into what is stored.
func (in *incoming) apply(have *OutsideAlert, news alertNews, now time.Time) *OutsideAlert {
	if have == nil {
		have = &OutsideAlert{Print: in.print}
	}
	have.Updated = now
	if news == newsEnded {
		have.EndsAt, have.Ending, have.Reason = now, in.ending, in.reason
		if in.alert != nil {
			have.EndsAt = later(in.alert.EndsAt, have.StartsAt)
		}
		return have
	}
	starts, origin, unending := have.StartsAt, have.Origin, have.Expires.IsZero()
	have.Alert, have.Expires, have.Ending, have.Reason = *in.alert, in.expires, "", ""
	if news == newsSeen {
		have.StartsAt = starts
		if unending {
			have.Origin, have.Expires = origin, time.Time{}
		}
	}
	return have
}

// Print names the alert of these labels where it is stored: a hash that is the same
// for the same labels, and for no others.
func Print(ls slo.Labels) string {
	var text []byte
	for _, l := range ls {
		text = appendText(appendText(text, l.Name), l.Value)
	}
	return hashed(text)
}

// appendText appends a text so that no other texts can be read as the same bytes.
func appendText(to []byte, text string) []byte {
	return append(append(strconv.AppendInt(to, int64(len(text)), 10), ':'), text...)
}

// hashed is a hash of 128 bits in hexadecimal.
func hashed(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:16])
}

// Fingerprint is Prometheus' own hash of labels, in hexadecimal, by which its
// users' tools know an alert.
func Fingerprint(ls slo.Labels) string {
	set := make(model.LabelSet, len(ls))
	for _, l := range ls {
		set[model.LabelName(l.Name)] = model.LabelValue(l.Value)
	}
	return set.Fingerprint().String()
}

// alertSeverity reads the severity that a rule's author gave, in the words that
// Prometheus' users have for it.
func alertSeverity(labels slo.Labels) slo.Severity {
	switch strings.ToLower(labels.Get("severity")) {
	case "page", "critical":
		return slo.Page
	}
	return slo.Ticket
}

// later returns the later of two moments.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

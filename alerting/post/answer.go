package post

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"burnline/alerting"
	"burnline/internal/retryafter"
)

// MaxKept is how many characters of an answer are kept.
const MaxKept = 400

// Answer is what a receiver wrote back, without the request's secrets.
type Answer struct {
	Status int
	Header http.Header
	// Body is the beginning of the answer, 64 KiB at most.
	Body []byte
	// Now is when it came, for Retry-After dates.
	Now time.Time
}

// Line is the status with a text, in one line; the status' own name stands where the text is empty.
func (a Answer) Line(text string) string {
	if text = OneLine(text); text == "" {
		text = http.StatusText(a.Status)
	}
	return fmt.Sprintf("%d %s", a.Status, text)
}

// Retry is the result that asks to try again, after what time the answer says.
func (a Answer) Retry(line string) alerting.Result {
	wait, _ := retryafter.Parse(a.Header.Get("Retry-After"), a.Now)
	return alerting.Result{Verdict: alerting.VerdictRetry, RetryAfter: wait, Answer: line}
}

// Judge is the meaning of a status for receivers that document no more than HTTP does:
// accepted as the caller says, refused where the message itself is at fault, and tried again in every other case.
// What a receiver did not refuse itself may work later: a proxy that is put right must not have cost a page.
func (a Answer) Judge(accepted bool, line string) alerting.Result {
	switch {
	case accepted:
		return alerting.Result{Verdict: alerting.VerdictAccepted, Answer: line}
	case Faulty(a.Status):
		return alerting.Result{Verdict: alerting.VerdictRefused, Answer: line}
	case a.Status/100 == 2:
		line += "; this is not the receiver's answer, so a proxy may stand between"
	case a.Status/100 == 3:
		line += "; redirects are not followed, as they would pass secrets on: set the url to the address itself"
	case a.Status/100 == 4 && a.Status != http.StatusTooManyRequests && a.Status != http.StatusRequestTimeout:
		line += "; check the url, what signs in to it, and any proxy"
	}
	return a.Retry(line)
}

// Faulty reports whether a status says that the message itself is at fault, so that
// sending the same again is of no use.
func Faulty(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// Refused is a result for what no repetition can change.
func Refused(answer string) alerting.Result {
	return alerting.Result{Verdict: alerting.VerdictRefused, Answer: OneLine(answer)}
}

// Retry is a result for what may work later.
func Retry(answer string) alerting.Result {
	return alerting.Result{Verdict: alerting.VerdictRetry, Answer: OneLine(answer)}
}

// OneLine puts a text on one line of bounded length that is safe to print.
func OneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return Cut(strings.Join(strings.Fields(s), " "), MaxKept)
}

// Cut shortens a text to a number of characters and marks the cut.
func Cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:max(0, most-1)]) + "…"
}

// Head returns at most n bytes of a text without cutting a character.
func Head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

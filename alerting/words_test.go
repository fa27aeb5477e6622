package alerting

import (
	"testing"
	"time"

	"burnline/slo"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"thousands are separated", Count(1204816), "1,204,816"},
		{"hundreds are not", Count(999), "999"},
		{"a part of an event is one", Count(0.2), "1"},
		{"none is none", Count(0), "0"},
		{"hours and minutes", Duration(130 * time.Minute), "2 h 10 min"},
		{"full hours", Duration(2 * time.Hour), "2 h"},
		{"59.6 minutes are an hour", Duration(59*time.Minute + 40*time.Second), "1 h"},
		{"59.6 seconds are a minute", Duration(59*time.Second + 600*time.Millisecond), "1 min"},
		{"days and hours", Duration(76 * time.Hour), "3 d 4 h"},
		{"23 h 59 min 40 s are a day", Duration(24*time.Hour - 20*time.Second), "1 d"},
		{"next to nothing", Duration(300 * time.Millisecond), "less than a second"},
		{"milliseconds", Threshold(300 * time.Millisecond), "300 ms"},
		{"a second and a half", Threshold(1500 * time.Millisecond), "1.5 s"},
		{"microseconds", Threshold(250 * time.Microsecond), "250 µs"},
		{"minutes", Threshold(90 * time.Second), "1.5 min"},
		{"all is 100 %", Percent(1), "100 %"},
		{"not quite all is not 100 %", Percent(0.99996), "99.9 %"},
		{"nothing is 0 %", Percent(0), "0 %"},
		{"not quite nothing is not 0 %", Percent(0.000004), "0.0004 %"},
		{"an overspent budget", Percent(-0.4), "-40 %"},
		{"third", Ordinal(3), "third"},
		{"eleventh", Ordinal(11), "11th"},
		{"twenty-second", Ordinal(22), "22nd"},
		{"112th", Ordinal(112), "112th"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestFractionsAreTheClearestTrueOnes(t *testing.T) {
	for _, c := range []struct {
		ratio float64
		want  string
	}{
		{1, "every request"}, {0.995, "nearly every request"}, {0.96, "96 % of requests"}, {0.9, "9 in 10 requests"},
		{0.75, "3 in 4 requests"}, {0.667, "2 in 3 requests"}, {0.5, "1 in 2 requests"}, {0.33, "1 in 3 requests"}, {0.3, "3 in 10 requests"},
		{0.254, "1 in 4 requests"}, {0.27, "27 % of requests"}, {0.2, "1 in 5 requests"}, {0.1, "1 in 10 requests"}, {0.05, "1 in 20 requests"},
		{0.023, "2.3 % of requests"}, {0.01, "1 in 100 requests"}, {0.00044, "0.044 % of requests"}, {0.001, "1 in 1,000 requests"},
		{0, "too many requests"},
	} {
		if got := fraction(c.ratio).of(noun{"request", "requests"}); got != c.want {
			t.Errorf("%v is %q, want %q", c.ratio, got, c.want)
		}
	}
}

func TestTitlesNameTheDoing(t *testing.T) {
	for journey, want := range map[string]string{
		"buy": "Buying", "pay": "Paying", "browse": "Browsing", "shop": "Shopping", "get": "Getting", "log in": "Logging in",
		"sign up": "Signing up", "submit": "Submitting", "see": "Seeing", "search": "Searching", "buy tickets": "Buying tickets",
		"check out": "Checking out", "open": "Opening", "edit": "Editing", "show": "Showing", "play": "Playing", "use": "Using",
		"checkout": "Checkout", "payment": "Payment", "login": "Login", "Zahlung": "Zahlung", "étage": "Étage", "": "checkout",
		"listen": "Listening", "order": "Ordering", "transfer": "Transferring", "chat": "Chatting", "stop": "Stopping",
	} {
		d := availability()
		d.Journey = journey
		if got := Title(d, slo.Incident{}); got != want {
			t.Errorf("%q is titled %q, want %q", journey, got, want)
		}
	}
}

package paging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What PagerDuty documents, or is known to do, and what other senders got wrong: each with the
// test that holds it, and the case of its table where it has one.
var facts = []struct{ fact, dir, test, of string }{
	// Events API v2.
	{"the address is a setting, that of the EU among others", "alerting/pagerduty", "TestAConfigurationSaysWhatIsWrongWithoutItsSecret", "another scheme"},
	{"a trigger needs key, action, summary, source and severity", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "no summary"},
	{"the page carries all of them, and a time", "alerting/pagerduty", "TestAPageArrivesAsPagerDutyDocumentsIt", ""},
	{"component, class, client, client_url and links too", "alerting/pagerduty", "TestAPageArrivesAsPagerDutyDocumentsIt", `"component":"checkout-availability","class":"availability"`},
	{"group and images where a user asks for them", "alerting/pagerduty", "TestTheUsersTemplatesTakeThePlaceOfOurTexts", "Images"},
	{"the EU's address is said where addresses are", "alerting/pagerduty", "TestAnEventGoesToTheAddressThatIsConfigured", "events.eu.pagerduty.com"},
	{"a routing key has 32 letters and digits", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "a short key"},
	{"severity is one of four words", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "a severity of its own"},
	{"a resolve needs no payload", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "a resolve needs no payload"},
	{"neither does anything to what is not open", "internal/harness/pagerduty", "TestAnIncidentLivesAsAtPagerDuty", `play("dropped", false, event("acknowledge", "k"))`},
	{"nor does an acknowledgement", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "an acknowledgement needs no payload"},
	{"but both a dedup_key", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "an acknowledgement needs a dedup_key"},
	{"a dedup_key has at most 255 characters", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "a dedup_key of 256 characters"},
	{"timestamps are RFC 3339", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "a time that is none"},
	{"custom_details are an object", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "details that are a list"},
	{"links have an address", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "a link to nowhere"},
	{"images are fetched over https", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "an image over http"},
	{"a summary has at most 1,024 characters, and is cut by characters", "alerting/pagerduty", "TestALongSummaryIsCutByCharacters", ""},
	{"a body has at most 512,000 bytes", "internal/harness/pagerduty", "TestWhatPagerDutyRefusesIsRefused", "512,001 bytes"},
	{"a larger one loses its largest details and says so", "alerting/pagerduty", "TestATooLargePageLosesItsLargestDetailsFirstAndSaysSo", ""},
	{"never the page", "alerting/pagerduty", "TestAPageOfTooManyDetailsStillArrives", ""},
	{"202 with JSON is acceptance", "alerting/pagerduty", "TestAnswers", "202 with JSON is acceptance"},
	{"no other 2xx is", "alerting/pagerduty", "TestAnswers", "200 is the page of a proxy"},
	{"400 is never tried again, and kept", "alerting/pagerduty", "TestAnswers", "400 is final"},
	{"413 is shrunk once", "alerting/pagerduty", "TestA413IsShrunkAndSentOnceMore", ""},
	{"408 is tried again", "alerting/pagerduty", "TestAnswers", `"408"`},
	{"429 is, after Retry-After in seconds", "alerting/pagerduty", "TestAnswers", "429 with seconds"},
	{"or as a date", "alerting/pagerduty", "TestAnswers", "429 with a date"},
	{"5xx is", "alerting/pagerduty", "TestAnswers", "503 with its time"},
	{"and so is no answer", "alerting/pagerduty", "TestAHangingPagerDutyIsATimeOut", ""},
	{"nor a connection", "alerting/pagerduty", "TestNobodyThereIsTriedAgain", ""},
	{"every fault, with a kill at any moment, is one incident in the end", "cmd/burnline", "TestEveryFaultAndKillDeliversOnceAsAnIncident", ""},
	{"a key takes 120 events in any 60 seconds", "internal/harness/pagerduty", "TestTheRateIsASlidingMinutePerKey", ""},
	{"which is never met", "internal/harness/paging", "TestAStormNeverMeetsPagerDutysLimitAndPagesOvertakeTickets", ""},
	{"the same key updates an open incident", "internal/harness/pagerduty", "TestAnIncidentLivesAsAtPagerDuty", ""},
	{"after a resolve it opens a new one", "alerting/pagerduty", "TestTheLifeOfAnIncidentAtPagerDuty", ""},
	{"events of one key are sent in order", "alerting", "TestAResolveWaitsForItsTriggerAndOthersDoNot", ""},
	{"an update of what is acknowledged notifies nobody", "internal/harness/paging", "TestAnAcknowledgementInPagerDutyStopsRepeats", ""},
	{"so a rise from ticket to page is a new incident", "internal/harness/paging", "TestARiseFromAnAcknowledgedTicketToAPageWakesSomebody", ""},
	{"a page is of high urgency, a ticket of low", "alerting/pagerduty", "TestATicketIsOfLowUrgency", ""},
	// Change events.
	{"a change event needs a key that does not begin with R, and a summary", "internal/harness/pagerduty", "TestChangeEventsAreTakenAsDocumented", "a key that begins with R"},
	{"of at most 1,024 characters", "internal/harness/pagerduty", "TestChangeEventsAreTakenAsDocumented", "1,025 characters"},
	{"a source, a time, details and links may be there", "internal/harness/pagerduty", "TestChangeEventsAreTakenAsDocumented", "with all that may be there"},
	{"a link has an address", "internal/harness/pagerduty", "TestChangeEventsAreTakenAsDocumented", "a link to nowhere"},
	{"it notifies nobody", "internal/harness/pagerduty", "TestChangeEventsAreTakenAsDocumented", "len(s.Notifications()) != 0"},
	// Webhooks v3.
	{"HMAC-SHA256 of the raw body", "alerting/pagerduty", "TestOnlyWhatPagerDutySignedIsBelieved", "the signature of another body"},
	{"one of several signatures suffices", "alerting/pagerduty", "TestOnlyWhatPagerDutySignedIsBelieved", "several signatures while a secret is replaced"},
	{"what comes twice is taken once", "alerting", "TestAWebhookThatIsToldTwiceIsTakenOnce", ""},
	{"an answer within five seconds", "alerting/pagerduty", "TestAWebhookIsAnsweredWithinTheFiveSecondsThatPagerDutyWaits", ""},
	{"a 4xx drops an event, and three in a row the subscription", "internal/harness/pagerduty", "TestWebhooksAreRetriedAndSwitchedOff", "three switch the webhook off"},
	{"a 429 doesn't", "internal/harness/pagerduty", "TestWebhooksAreRetriedAndSwitchedOff", "[]int{500, 503, 429, 504}"},
	{"so 202 once it is stored, 5xx on our faults", "alerting/pagerduty", "TestAWebhookIsAnsweredByWhatBecameOfIt", "the state can't be written"},
	{"which come again", "internal/harness/paging", "TestWebhooksThatFindNobodyComeAgain", ""},
	{"incident_key is our dedup_key", "internal/harness/paging", "TestWhatSomebodyResolvesWhileItBurnsIsANewIncident", ""},
	// What others got wrong.
	{"a dedup_key without routing text: an edited route orphans nothing", "internal/harness/paging", "TestEditingRoutesNeitherOrphansNorDuplicates", ""},
	{"a kill loses no page and makes no second incident", "cmd/burnline", "TestKillsUnderLoadLoseNoPageAndMakeNoSecondIncident", ""},
	{"a page that failed until its cause was over is told", "alerting", "TestWhatIsOverBeforeItCouldBeSentIsToldInOneGo", ""},
	{"a template that fails costs no page", "alerting/pagerduty", "TestATemplateThatFailsCostsNoPageAndIsSaidInIt", ""},
	{"a send that dies with its process is made again", "alerting", "TestASendThatDiesWithItsProcessIsRepeatedAfterItsLease", ""},
}

func TestEveryFactAboutPagerDutyHasItsTest(t *testing.T) {
	for _, f := range facts {
		files, err := filepath.Glob(filepath.Join("../../..", f.dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, body, is := strings.Cut(string(text), "func "+f.test+"(t *testing.T)")
			body, _, _ = strings.Cut(body, "\nfunc ")
			found = found || is && strings.Contains(body, f.of)
		}
		if !found {
			t.Errorf("%s: there is no %s with %q in %s", f.fact, f.test, f.of, f.dir)
		}
	}
}

package slack

import (
	"encoding/json"
	"net/http"
	"strings"

	"burnline/alerting"
	"burnline/alerting/post"
)

// answer is what Slack's API writes back.
type answer struct {
	OK      bool   `json:"ok"`
	Error   string `json:"error"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Needed  string `json:"needed"`
}

// judgeAPI says what an answer of Slack's API means, with the code of the error that it
// names. Slack answers 200 to most of what it refuses.
func judgeAPI(a post.Answer) (alerting.Result, string) {
	var s answer
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &s) != nil || !s.OK && s.Error == "" {
		if a.Status == http.StatusOK {
			return a.Retry(a.Line(string(a.Body)) + "; this is not an answer of Slack's API: check app_url and any proxy"), ""
		}
		return a.Judge(false, a.Line(string(a.Body))), ""
	}
	if s.OK {
		r := alerting.Result{Verdict: alerting.VerdictAccepted, Answer: a.Line("ok")}
		if s.Channel != "" && s.TS != "" && !strings.ContainsAny(s.Channel+s.TS, " \n") {
			r.Receipt = s.Channel + " " + s.TS
		}
		return r, ""
	}
	line := a.Line(s.Error)
	if what, final := finals()[s.Error]; final {
		if what != "" {
			line += "; " + what
		}
		return alerting.Result{Verdict: alerting.VerdictRefused, Answer: line}, s.Error
	}
	return a.Retry(line), s.Error // ratelimited, internal_error, fatal_error and what is not known
}

// finals are the errors that no repetition changes, with what to do about them.
func finals() map[string]string {
	const (
		token   = "Slack does not take the app_token: copy the Bot User OAuth Token of the app and reload"
		scope   = "give the app the scope chat:write, install it again and reload"
		channel = "check channel, which may be an ID such as C0123456789, and reload"
		invite  = "invite the bot to the channel and reload"
		form    = ""
	)
	return map[string]string{
		"invalid_auth": token, "not_authed": token, "account_inactive": token, "token_revoked": token, "token_expired": token,
		"missing_scope": scope, "no_permission": scope, "not_allowed_token_type": token, "ekm_access_denied": scope,
		"channel_not_found": channel, "is_archived": channel, "not_in_channel": invite, "restricted_action": scope,
		"message_not_found": form, "cant_update_message": form, "edit_window_closed": form,
		"msg_too_long": form, "no_text": form, "invalid_blocks": form, "invalid_blocks_format": form, "invalid_attachments": form,
		"too_many_attachments": form, "invalid_arguments": form, "invalid_arg_name": form, "invalid_array_arg": form, "invalid_charset": form,
		"invalid_form_data": form, "invalid_post_type": form, "missing_post_type": form, "invalid_json": form, "json_not_object": form,
	}
}

// judgeWebhook says what an answer of an incoming webhook means: a word in plain text.
func judgeWebhook(a post.Answer) alerting.Result {
	word := strings.TrimSpace(string(a.Body))
	line := a.Line(word)
	switch word {
	case "invalid_token", "no_active_hooks", "no_service", "no_service_id", "no_team", "team_disabled":
		return alerting.Result{Verdict: alerting.VerdictRefused, Answer: line + "; the webhook is gone: make a new one, put its address in api_url and reload"}
	case "action_prohibited", "channel_is_archived", "channel_not_found", "user_not_found", "posting_to_general_channel_denied":
		return alerting.Result{Verdict: alerting.VerdictRefused, Answer: line + "; check the channel that the webhook posts to"}
	}
	return a.Judge(a.Status == http.StatusOK && word == "ok", line)
}

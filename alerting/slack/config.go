package slack

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// DefaultAppURL is the method of Slack's API that posts a message.
const DefaultAppURL = "https://slack.com/api/chat.postMessage"

// Config is one Slack integration, with Alertmanager's keys. It has either a bot's token
// (app_token, or api_url with DefaultAppURL and http_config.authorization) and a channel, or the address of an incoming webhook in
// api_url. Texts are templates; what is left out is Burnline's own.
type Config struct {
	// SendResolved tells of the end of incidents too; nil is true for a bot, which edits
	// its message, and false for webhooks, as with Alertmanager.
	SendResolved *bool            `yaml:"send_resolved"`
	HTTPConfig   *post.HTTPConfig `yaml:"http_config"`
	// APIURL is an incoming webhook, a secret; APIURLFile a file that holds it.
	APIURL     post.Secret `yaml:"api_url"`
	APIURLFile string      `yaml:"api_url_file"`
	// AppToken is a bot's token (xoxb-…), AppTokenFile a file that holds it. AppURL is chat.postMessage.
	AppToken     post.Secret `yaml:"app_token"`
	AppTokenFile string      `yaml:"app_token_file"`
	AppURL       string      `yaml:"app_url"`
	// SigningSecret is the app's, with which Slack signs the press of a button. Only with it
	// messages have the button that acknowledges. It is Burnline's own key.
	SigningSecret     post.Secret `yaml:"signing_secret"`
	SigningSecretFile string      `yaml:"signing_secret_file"`

	Channel     string   `yaml:"channel"`
	Username    string   `yaml:"username"`
	Color       string   `yaml:"color"`
	Title       string   `yaml:"title"`
	TitleLink   string   `yaml:"title_link"`
	Pretext     string   `yaml:"pretext"`
	Text        string   `yaml:"text"`
	MessageText string   `yaml:"message_text"`
	Fields      []Field  `yaml:"fields"`
	ShortFields bool     `yaml:"short_fields"`
	Footer      string   `yaml:"footer"`
	Fallback    string   `yaml:"fallback"`
	CallbackID  string   `yaml:"callback_id"`
	IconEmoji   string   `yaml:"icon_emoji"`
	IconURL     string   `yaml:"icon_url"`
	ImageURL    string   `yaml:"image_url"`
	ThumbURL    string   `yaml:"thumb_url"`
	LinkNames   bool     `yaml:"link_names"`
	MrkdwnIn    []string `yaml:"mrkdwn_in"`
	Actions     []Action `yaml:"actions"`
	// UpdateMessage is what a bot does anyway.
	UpdateMessage bool          `yaml:"update_message"`
	Timeout       time.Duration `yaml:"timeout"`
}

// Field is a titled value of a message. A short one shares its line with another.
type Field struct {
	Title string `yaml:"title"`
	Value string `yaml:"value"`
	Short *bool  `yaml:"short"`
}

// Action is a button that opens an address.
type Action struct {
	Type    string   `yaml:"type"`
	Text    string   `yaml:"text"`
	URL     string   `yaml:"url"`
	Style   string   `yaml:"style"`
	Name    string   `yaml:"name"`
	Value   string   `yaml:"value"`
	Confirm *Confirm `yaml:"confirm"`
}

// Confirm is the question that Slack asks before a button of the old form acts.
type Confirm struct {
	Text        string `yaml:"text"`
	Title       string `yaml:"title"`
	OkText      string `yaml:"ok_text"`
	DismissText string `yaml:"dismiss_text"`
}

// Bot reports whether the integration speaks Slack's API, and not that of incoming webhooks.
func (c Config) Bot() bool {
	return c.AppToken != "" || c.AppTokenFile != "" || strings.HasSuffix(string(c.APIURL), postMethod)
}

// SkipResolved reports whether the end of incidents is left out.
func (c Config) SkipResolved() bool {
	if c.SendResolved == nil {
		return !c.Bot()
	}
	return !*c.SendResolved
}

// Files are the paths that may be relative to the configuration's folder.
func (c *Config) Files() []*string {
	return []*string{&c.APIURLFile, &c.AppTokenFile, &c.SigningSecretFile}
}

// Validate reports everything that is wrong at once, joined, without showing secrets.
func (c Config) Validate() error {
	errs := append(c.validateTarget(), c.validateTexts()...)
	if _, err := post.Read("signing_secret", c.SigningSecret, c.SigningSecretFile); err != nil {
		errs = append(errs, err)
	}
	if c.Timeout < 0 {
		errs = append(errs, fmt.Errorf("timeout is %s; leave it out, or write one of up to 5s", c.Timeout))
	}
	return errors.Join(append(errs, c.HTTPConfig.Validate())...)
}

// validateTarget checks where messages go.
func (c Config) validateTarget() []error {
	var errs []error
	token, err := post.Read("app_token", c.AppToken, c.AppTokenFile)
	if err != nil {
		errs = append(errs, err)
	}
	address, err := post.Read("api_url", c.APIURL, c.APIURLFile)
	if err != nil {
		errs = append(errs, err)
	}
	given := token != "" || c.AppTokenFile != ""
	switch {
	case given && (address != "" || c.APIURLFile != ""):
		errs = append(errs, errors.New("app_token and api_url are both set; keep the token to have messages edited, or the address of an incoming webhook"))
	case !given && address == "" && c.APIURLFile == "":
		errs = append(errs, errors.New("neither app_token nor api_url is set; write app_token_file: /path/to/token (of a bot with the scope chat:write) and channel, or api_url_file with an incoming webhook"))
	case address != "" && !alerting.IsWeb(address):
		errs = append(errs, errors.New("api_url is not a web address; copy the Webhook URL of the app"))
	case given && (!alerting.IsWeb(c.api()) || !strings.HasSuffix(c.api(), postMethod)):
		errs = append(errs, errors.New("app_url is not the address of chat.postMessage; leave it out, or write "+DefaultAppURL))
	}
	if c.UpdateMessage && !c.Bot() {
		errs = append(errs, errors.New("update_message needs a bot, and api_url is an incoming webhook; write app_token_file instead of it"))
	}
	if c.Bot() && c.Channel == "" {
		errs = append(errs, errors.New("channel is missing; write channel: C0123456789, or '#incidents', and invite the bot there"))
	}
	return errs
}

// validateTexts checks that templates are templates.
func (c Config) validateTexts() []error {
	var errs []error
	add := func(key, text string) {
		if err := render.Syntax(key, text); err != nil {
			errs = append(errs, err)
		}
	}
	for _, t := range [][2]string{{"channel", c.Channel}, {"username", c.Username}, {"color", c.Color}, {"title", c.Title},
		{"title_link", c.TitleLink}, {"pretext", c.Pretext}, {"text", c.Text}, {"message_text", c.MessageText}, {"footer", c.Footer},
		{"fallback", c.Fallback}, {"icon_emoji", c.IconEmoji}, {"icon_url", c.IconURL}, {"image_url", c.ImageURL}, {"thumb_url", c.ThumbURL}} {
		add(t[0], t[1])
	}
	for i, f := range c.Fields {
		if f.Title == "" || f.Value == "" {
			errs = append(errs, fmt.Errorf("fields[%d] lacks its title or its value; write both", i))
		}
		add(fmt.Sprintf("fields[%d].title", i), f.Title)
		add(fmt.Sprintf("fields[%d].value", i), f.Value)
	}
	for i, a := range c.Actions {
		if a.Text == "" || a.URL == "" && a.Name == "" {
			errs = append(errs, fmt.Errorf("actions[%d] lacks its text or its url; write both", i))
		}
		add(fmt.Sprintf("actions[%d].text", i), a.Text)
		add(fmt.Sprintf("actions[%d].url", i), a.URL)
	}
	return errs
}

// Advice is what may be said of a configuration that works; paths are relative to it.
func (c Config) Advice() slo.Findings {
	findings := post.Advice(c.Timeout)
	add := func(path, message, instead string) {
		findings = append(findings, slo.Finding{Path: path, Level: slo.LevelWarning, Message: message, Instead: instead})
	}
	if c.CallbackID != "" {
		add("callback_id", "it belongs to buttons of the old form, which Slack no longer offers, and has no effect", "leave it out")
	}
	if len(c.MrkdwnIn) > 0 {
		add("mrkdwn_in", "messages are made of blocks, whose texts all take Slack's mark-up, so it has no effect", "leave it out")
	}
	for i, a := range c.Actions {
		if a.URL == "" {
			add(fmt.Sprintf("actions[%d]", i), "a button of the old form, with a name, is not sent", "give it a url, or use signing_secret for a button that acknowledges")
		}
	}
	if !c.Bot() && (c.SigningSecret != "" || c.SigningSecretFile != "") {
		add("signing_secret", "messages of incoming webhooks are not edited, so they have no button that acknowledges", "use app_token")
	}
	return findings
}

// postMethod ends the address that posts a message, updateMethod that which edits one.
const (
	postMethod   = "/chat.postMessage"
	updateMethod = "/chat.update"
)

// api is the address of chat.postMessage.
func (c Config) api() string {
	switch {
	case strings.HasSuffix(string(c.APIURL), postMethod):
		return string(c.APIURL)
	case c.AppURL == "":
		return DefaultAppURL
	}
	return c.AppURL
}

package alertconf

import "burnline/slo"

// check gathers what is said of a file, by path.
type check struct {
	findings slo.Findings
	// prefix is the path of the file's keys: "alerting." in burnline.yaml, else "".
	prefix string
}

func (c *check) say(level slo.Level, path, message, instead string) {
	c.findings = append(c.findings, slo.Finding{Path: c.prefix + path, Level: level, Message: message, Instead: instead})
}

func (c *check) wrong(path, message, instead string) { c.say(slo.LevelError, path, message, instead) }
func (c *check) warn(path, message, instead string) {
	c.say(slo.LevelWarning, path, message, instead)
}
func (c *check) note(path, message, instead string) { c.say(slo.LevelNote, path, message, instead) }

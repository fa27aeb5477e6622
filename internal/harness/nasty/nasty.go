// Package nasty is the one list of texts that break out of where they are written, for the tests of
// every place that text from outside is written to.
package nasty

// Texts returns the texts by what each tries.
func Texts() map[string]string {
	return map[string]string{
		"an element that runs":            `<script>alert(1)</script>`,
		"an element that runs by error":   `<img src=x onerror=alert(2)>`,
		"the end of an attribute":         `"' onmouseover=alert(3) x="`,
		"the end of a comment and SVG":    `--><svg onload=alert(4)>`,
		"a link that runs":                `javascript:alert(5)`,
		"a template":                      `{{.}}{{template "x"}}`,
		"the end of a statement in SQL":   `'); DROP TABLE incidents; --`,
		"a pattern of LIKE":               `%_\%`,
		"the end of a matcher in PromQL":  `"} or vector(1) or {a="`,
		"an expression that matches all":  `.*|`,
		"a formula":                       `=HYPERLINK("https://evil.example")`,
		"a formula after a blank":         ` +1+1`,
		"a formula of an address":         `@SUM(1+1)`,
		"a mention and a link of Slack":   `<!channel> <https://evil.example|here>`,
		"a link of Markdown":              `[here](https://evil.example) **x**`,
		"a further line of a log":         "x\nlevel=ERROR msg=forged",
		"a further header":                "x\r\nSet-Cookie: a=b",
		"a character that turns text":     "abc\u202etxt.exe",
		"bytes that are no text, and NUL": "a\xff\x00b",
	}
}

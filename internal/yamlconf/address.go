package yamlconf

import (
	"net/url"

	"burnline/slo"
)

// WebAddress says what is wrong with an address that must be http or https and hold no
// password; the finding has the path and no place yet.
func WebAddress(path, value, example string) slo.Findings {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return slo.Findings{{Path: path, Level: slo.LevelError, Message: "it is no web address", Instead: "write one such as " + example}}
	case u.User != nil:
		return slo.Findings{{Path: path, Level: slo.LevelError, Message: "it carries a user or password", Instead: "write them as basic_auth, or leave them out"}}
	}
	return nil
}

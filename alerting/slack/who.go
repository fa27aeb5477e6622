package slack

import (
	"burnline/alerting/post"
)

// who is the first name that is given, in one line of bounded length.
func who(names ...string) string {
	for _, name := range names {
		if name = post.Cut(post.OneLine(name), maxWho); name != "" {
			return name
		}
	}
	return "somebody"
}

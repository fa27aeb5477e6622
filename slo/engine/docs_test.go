package engine

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheStoriesOfTheDocsAreTrue plays every story that docs/arithmetic.md tells.
func TestTheStoriesOfTheDocsAreTrue(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/arithmetic.md")
	if err != nil {
		t.Fatal(err)
	}
	stories := regexp.MustCompile("(?s)```story\n(.*?)```").FindAllSubmatchIndex(page, -1)
	if len(stories) < 8 {
		t.Fatalf("only %d stories were found", len(stories))
	}
	for _, at := range stories {
		line := strings.Count(string(page[:at[2]]), "\n")
		t.Run(fmt.Sprint("line ", line+1), func(t *testing.T) {
			t.Parallel()
			// The empty lines before it make the lines of a failure those of the page.
			newStory(t).play("docs/arithmetic.md", strings.Repeat("\n", line)+string(page[at[2]:at[3]]))
		})
	}
}

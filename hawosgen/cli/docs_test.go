package cli_test

import (
	"os"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/breaking"
	"github.com/hawos/hawos/hawosgen/lint"
)

func TestDocsNameEveryRule(t *testing.T) {
	text, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(breaking.Rules(), lint.Rules()...) {
		line := "| `" + r.Name + "` | "
		if !strings.Contains(string(text), line) || !strings.Contains(string(text), r.Doc+" |\n") {
			t.Errorf("docs/commands.md does not say of %s: %s", r.Name, r.Doc)
		}
	}
}

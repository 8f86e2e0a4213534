package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path"
	"unicode/utf16"

	"github.com/hawos/hawos/hawosgen/schema"
)

// faultRule is the rule that SARIF has the schema's own faults under.
const faultRule = "schema"

// Parts of a log of SARIF 2.1.0 (OASIS standard).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		Line int `json:"startLine"`
		Col  int `json:"startColumn,omitempty"`
	}
)

func writeSARIF(w io.Writer, findings []Finding, rules Rules) error {
	run := sarifRun{Tool: sarifTool{Driver: sarifDriver{Name: "hawosgen"}}, Results: []sarifResult{}}
	rules = append(Rules{{Name: faultRule, Doc: "The schema compiles."}}, rules...)
	for _, r := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: r.Name, Short: sarifText{r.Doc}})
	}
	for _, f := range findings {
		result := sarifResult{RuleID: f.Rule, Level: "error", Message: sarifText{message(f)}}
		if f.Rule == "" {
			result.RuleID = faultRule
		}
		if f.Warning {
			result.Level = "warning"
		}
		if f.Pos.File != "" {
			result.Locations = []sarifLocation{{sarifPlace(f.Fault)}}
		}
		run.Results = append(run.Results, result)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// sarifPlace returns a fault's place as SARIF has it: the path as a URI, the
// column in UTF-16 code units.
func sarifPlace(f schema.Fault) sarifPhysical {
	p := f.Pos
	place := sarifPhysical{Artifact: sarifArtifact{URI: (&url.URL{Path: path.Join(p.Root, p.File)}).String()}}
	if p.Line > 0 {
		before := []rune(f.Source[:min(max(p.Col-1, 0), len(f.Source))])
		place.Region = &sarifRegion{Line: p.Line}
		if p.Col > 0 {
			place.Region.Col = len(utf16.Encode(before)) + 1
		}
	}
	return place
}

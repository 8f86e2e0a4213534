package cli

import (
	"encoding/json"
	"io"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/schema"
)

// jsonReport is what hawosgen proto --json prints. Names of fields stay.
type jsonReport struct {
	Written  bool         `json:"written"`
	Changes  []jsonChange `json:"changes,omitempty"`
	IDs      []jsonID     `json:"ids,omitempty"`
	Warnings []jsonFault  `json:"warnings,omitempty"`
	Notes    []jsonNote   `json:"notes,omitempty"`
	Faults   []jsonFault  `json:"faults,omitempty"`
}

type jsonChange struct {
	Path   string `json:"path"`
	Did    string `json:"did"`
	Edited bool   `json:"edited,omitempty"` // by hand, before
}

type jsonID struct {
	ID   uint32 `json:"id"`
	Text string `json:"text"`
}

type jsonNote struct {
	Place string `json:"place"`
	Text  string `json:"text"`
}

type jsonFault struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Col    int    `json:"col,omitempty"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
}

func newJSONReport(res *generate.Result, dry bool) jsonReport {
	r := jsonReport{Written: !dry && !res.Changes.IsEmpty(), Warnings: jsonFaults(res.Warnings)}
	for _, c := range res.Changes.List {
		r.Changes = append(r.Changes, jsonChange{c.Path, c.Did.String(), c.Edited})
	}
	for _, c := range res.IDs {
		r.IDs = append(r.IDs, jsonID{c.ID, c.String()})
	}
	for _, n := range res.Notes {
		r.Notes = append(r.Notes, jsonNote{n.Place, n.Text})
	}
	return r
}

func jsonFaults(faults schema.Faults) []jsonFault {
	var out []jsonFault
	for _, f := range faults {
		at := f.Pos
		at.Line, at.Col = 0, 0
		out = append(out, jsonFault{at.String(), f.Pos.Line, f.Pos.Col, f.Text, f.Remedy})
	}
	return out
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

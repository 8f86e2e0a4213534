// Package model says what generated files contain, as the templates print it:
// every Go name is chosen, every list sorted, every import counted. Names that
// collide with what the schema or the official generators declare give way here.
//
// It decides contents, not which files are written: that is package plan's.
// Start from Build.
package model

import (
	"cmp"
	"slices"

	"github.com/hawos/hawos/hawosgen/schema"
)

// Project is all that is generated from one schema.
type Project struct {
	Module string // Go import path of the project's folder
	Out    string // folder of owned files, slash-separated: gen
	Files  []*File
	Routes *Routes
	Apps   []*App // by name
}

// Doc is a comment of the schema: lines without slashes, \n between them.
type Doc string

// Build returns the model of a schema for the project whose folder has the Go
// import path module and whose owned files are in out.
func Build(s *schema.Schema, module, out string) *Project {
	b := &builder{
		schema: s,
		module: module,
		scopes: scopes{schema: s, byPath: map[string]names{}},
		pushes: map[*schema.Push]*Push{},
	}
	p := &Project{Module: module, Out: out, Routes: buildRoutes(s, module, out)}
	// Names first, for a service may announce another package's push.
	for _, f := range s.Owned() {
		b.pushNames(f)
	}
	var services []*Service
	for _, f := range s.Owned() {
		file := b.file(f)
		if file.hasContent() {
			p.Files = append(p.Files, file)
		}
		services = append(services, file.Services...)
	}
	slices.SortFunc(p.Files, func(a, b *File) int { return cmp.Compare(a.Source, b.Source) })
	p.Apps = buildApps(s, services, module)
	return p
}

// builder carries what the parts of the model share while they are built.
type builder struct {
	schema *schema.Schema
	module string
	scopes scopes
	pushes map[*schema.Push]*Push
}

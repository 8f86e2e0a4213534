// Package schema compiles a project's .proto files into a checked Schema: the
// services with their protocol IDs and routes, the pushes, the typed errors, and
// the Go package of every file. Whatever is wrong comes back as Faults, all of a
// run at once, each with its place and a remedy.
//
// It reads files and changes none. Names of generated things and the files to
// write are chosen by later stages. Start from Compile and Schema; package
// schema/lock compares a Schema with the one before it.
package schema

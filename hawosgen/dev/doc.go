// Package dev runs a project on this machine: it builds the project's programs and hawos-infra, chooses ports, has
// package supervise run them, and says how they are. Start from Up, Down, Status, Follow and Doctor. It prints
// nothing: what happens step by step it tells Steps.
package dev

//go:build race

package e2e_test

// buildFlags make the programs under test watch for races, as this test does.
const buildFlags = "-race"

// Package frontend marks who imports it as a frontend.
package frontend

// Word is something to use.
const Word = "for clients"

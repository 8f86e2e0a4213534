// Package load is a crowd of chat clients that checks what it hears: every
// message whose sending was answered OK must reach every member of its room that
// stayed connected, once, and in the order in which its sender sent.
//
// Plan says who talks where and how fast, Run does it, Ledger keeps the books,
// and Report is what comes out. Command test-client is its front.
package load

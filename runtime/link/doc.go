// Package link joins a frontend and each instance of a logic service by one
// long-lived gRPC stream, hawos.Link: requests of many sessions go out in
// batches, replies come back the same way. Server is the instance's side, with
// typed dispatch and the order of requests; Pool the frontend's, which picks
// instances, keeps a session's requests together and settles what was in flight
// when one is lost. Codec is what both put on the stream.
//
// It knows nothing of sockets (package frontend) or of who is alive (package
// registry). Generated code starts from Service, Unary, Keyed and Registrar.
package link

// Package link joins a frontend and an instance of a logic service by one
// long-lived gRPC stream, hawos.Link: requests of many sessions go out in
// batches, replies come back the same way. Server is the instance's side, with
// typed dispatch and the order of requests; Conn the frontend's.
package link

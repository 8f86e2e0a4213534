// Package hawospb holds the protos of hawos and their generated code: the
// options of a project's schema, the websocket packet, the link between
// frontend and logic services, the queue's envelope and the frontend's API.
package hawospb

import "embed"

//go:generate go run ../../hawosgen/runtimepb

// Protos holds the sources under the paths by which they are imported, such as
// hawos/options.proto.
//
//go:embed hawos/*.proto
var Protos embed.FS

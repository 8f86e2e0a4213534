package supervise

// Rotate is rotate, for the tests.
var Rotate = rotate

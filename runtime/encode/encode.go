// Package encode turns stored images into what the chip sees, codes 0..255, and into what the trained network takes.
// It comes after runtime/dataset, and checks that data, calibration data and network fit each other before anything
// is computed from them.
package encode

// Options are what the user says about the data.
type Options struct {
	// PixelScale, Mean and Std make the network's input of a stored pixel: (pixel*PixelScale − Mean)/Std; Mean and Std
	// have one value, or one a channel. 0 and nil mean not given: 1/255, 0 and 1. Data that hold the network's input as
	// it is (npz of floats) refuse all three.
	PixelScale float64
	Mean, Std  []float64
	// InputRange is the range of network inputs that the network was trained on, where the user states it.
	InputRange *[2]float64
}

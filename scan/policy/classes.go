package policy

// torchClasses are torch's own layers, losses, optimizers and schedulers, of
// releases 1.13 to 2.15: reconstructing one sets attributes and runs nothing
// of the file's. Constructing one with arguments allocates what they say.
var torchClasses = []ruled{
	{"torch.nn.modules.activation", WithoutArgs, "CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid " +
		"LogSoftmax Mish MultiheadAttention PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax " +
		"Softmax2d Softmin Softplus Softshrink Softsign Tanh Tanhshrink Threshold"},
	{"torch.nn.modules.adaptive", WithoutArgs, "AdaptiveLogSoftmaxWithLoss"},
	{"torch.nn.modules.batchnorm", WithoutArgs, "BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d " +
		"SyncBatchNorm _BatchNorm _LazyNormBase _NormBase"},
	{"torch.nn.modules.channelshuffle", WithoutArgs, "ChannelShuffle"},
	{"torch.nn.modules.container", WithoutArgs, "Container ModuleDict ModuleList ParameterDict ParameterList Sequential"},
	{"torch.nn.modules.conv", WithoutArgs, "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d " +
		"LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d " +
		"_ConvNd _ConvTransposeMixin _ConvTransposeNd"},
	{"torch.nn.modules.distance", WithoutArgs, "CosineSimilarity PairwiseDistance"},
	{"torch.nn.modules.dropout", WithoutArgs, "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout _DropoutNd"},
	{"torch.nn.modules.flatten", WithoutArgs, "Flatten Unflatten"},
	{"torch.nn.modules.fold", WithoutArgs, "Fold Unfold"},
	{"torch.nn.modules.instancenorm", WithoutArgs, "InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d " +
		"LazyInstanceNorm3d _InstanceNorm"},
	{"torch.nn.modules.linear", WithoutArgs, "Bilinear Identity LazyLinear Linear NonDynamicallyQuantizableLinear"},
	{"torch.nn.modules.loss", WithoutArgs, "BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss " +
		"HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss LinearCrossEntropyLoss MSELoss " +
		"MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss " +
		"NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss " +
		"TripletMarginWithDistanceLoss _Loss _WeightedLoss"},
	{"torch.nn.modules.module", WithoutArgs, "Module _WrappedHook"},
	{"torch.nn.modules.normalization", WithoutArgs, "CrossMapLRN2d GroupNorm LayerNorm LocalResponseNorm RMSNorm"},
	{"torch.nn.modules.padding", WithoutArgs, "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d " +
		"ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d " +
		"ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d _CircularPadNd _ConstantPadNd " +
		"_ReflectionPadNd _ReplicationPadNd"},
	{"torch.nn.modules.pixelshuffle", WithoutArgs, "PixelShuffle PixelUnshuffle"},
	{"torch.nn.modules.pooling", WithoutArgs, "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d " +
		"AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool2d " +
		"FractionalMaxPool3d LPPool1d LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d " +
		"MaxUnpool2d MaxUnpool3d _AdaptiveAvgPoolNd _AdaptiveMaxPoolNd _AvgPoolNd _LPPoolNd " +
		"_MaxPoolNd _MaxUnpoolNd"},
	{"torch.nn.modules.rnn", WithoutArgs, "GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase"},
	{"torch.nn.modules.sparse", WithoutArgs, "Embedding EmbeddingBag"},
	{"torch.nn.modules.transformer", WithoutArgs, "Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder " +
		"TransformerEncoderLayer"},
	{"torch.nn.modules.upsampling", WithoutArgs, "Upsample UpsamplingBilinear2d UpsamplingNearest2d"},
	{"torch.nn.parallel.data_parallel", WithoutArgs, "DataParallel"},
	{"torch.nn.parallel.distributed", WithoutArgs, "DistributedDataParallel"},
	{"torch.nn.parameter", WithoutArgs, "ParameterDict ParameterList"},
	{"torch.nn.utils.parametrizations", WithoutArgs, "_Orthogonal _SpectralNorm _WeightNorm"},
	{"torch.nn.utils.parametrize", WithoutArgs, "ParametrizationList"},
	{"torch.nn.utils.spectral_norm", WithoutArgs, "SpectralNorm SpectralNormStateDictHook SpectralNormLoadStateDictPreHook"},
	{"torch.nn.utils.weight_norm", WithoutArgs, "WeightNorm"},
	{"torch.optim._multi_tensor", WithoutArgs, "ASGD Adadelta Adagrad Adam AdamW Adamax NAdam RAdam RMSprop Rprop SGD"},
	{"torch.optim.adadelta", WithoutArgs, "Adadelta"},
	{"torch.optim.adagrad", WithoutArgs, "Adagrad"},
	{"torch.optim.adam", WithoutArgs, "Adam"},
	{"torch.optim.adamax", WithoutArgs, "Adamax"},
	{"torch.optim.adamw", WithoutArgs, "AdamW"},
	{"torch.optim.asgd", WithoutArgs, "ASGD"},
	{"torch.optim.lbfgs", WithoutArgs, "LBFGS"},
	{"torch.optim.lr_scheduler", WithoutArgs, "ChainedScheduler ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR " +
		"ExponentialLR LRScheduler LambdaLR LinearLR MultiStepLR MultiplicativeLR OneCycleLR " +
		"PolynomialLR ReduceLROnPlateau SequentialLR StepLR _LRScheduler _SchedulePhase"},
	{"torch.optim.nadam", WithoutArgs, "NAdam"},
	{"torch.optim.optimizer", WithoutArgs, "Optimizer"},
	{"torch.optim.radam", WithoutArgs, "RAdam"},
	{"torch.optim.rmsprop", WithoutArgs, "RMSprop"},
	{"torch.optim.rprop", WithoutArgs, "Rprop"},
	{"torch.optim.sgd", WithoutArgs, "SGD"},
	{"torch.optim.sparse_adam", WithoutArgs, "SparseAdam"},
	{"torch.optim.swa_utils", WithoutArgs, "AveragedModel SWALR"},
}

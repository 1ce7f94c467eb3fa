// First half of a training step: parameters, teacher and views in; loss, gradients, the teacher's batch center out.
import { addedTo, gradients, segmentsByScope } from "#engine/autodiff";
import {
  add,
  concat,
  div,
  firstElements,
  Graph,
  gemm,
  mul,
  named,
  neg,
  reduceSum,
  reduceSumSquare,
  reshape,
  type Tensor,
} from "#engine/graph";
import {
  inverseLengths,
  nextName,
  numDroppableBlocks,
  type ParameterSpec,
  PROTOTYPES,
  parameterInputs,
  runningAverages,
  updateShape,
} from "#engine/nn";
import { dinoLoss, dinoTargets } from "./loss.ts";
import { type NetworkConfig, type NetworkOutput, network, networkBuffers, networkParameters } from "./network.ts";
import type { PassKind, StepShape } from "./view-passes.ts";

/** The network's prototypes under a prefix ("student."), for graphs that need nothing else of it. */
function prototypeInput(graph: Graph, { head }: NetworkConfig): Tensor<"R D"> {
  const name = `student.${PROTOTYPES}`;
  return named(graph.input(name, [head.numPrototypes, head.bottleneckDim]), "R D", name);
}

/**
 * What all passes over a batch share. Inputs: `teacher.*` (parameters, then buffers), `student.<prototypes>`, `center` [1, K],
 * `teacherTemperature` [], `globalViews` [G B, C, s, s]. Outputs: `probabilities` [G B, K] (the teacher's), `teacherEntropy`,
 * `batchCenter` [1, K], `teacherEmbeddings` [G B, D], `inversePrototypeLengths` [1, K] (the student's), and with batch normalisation the
 * teacher's buffers that replace those fed, named by `nextName`.
 */
export function buildTargetGraph(config: NetworkConfig, shape: StepShape): Graph {
  const graph = new Graph("dino-targets");
  const parameters = parameterInputs(graph, networkParameters(config), "teacher.");
  const buffers = parameterInputs(graph, networkBuffers(config), "teacher.");
  const prototypes = prototypeInput(graph, config);
  const center = named(graph.input("center", [1, config.head.numPrototypes]), "one K", "center");
  const teacherTemperature = graph.input("teacherTemperature", []);
  const { numGlobalViews, batchSize, globalViewSize: side, precision } = shape;
  const sizes = [numGlobalViews * batchSize, config.backbone.imageChannels, side, side];
  const images = named(graph.input("globalViews", sizes), "B C H W", "globalViews");
  const teacher = graph.scope("teacher", () => network({ images }, parameters, config, { attention: "fused", precision }));
  const targets = dinoTargets({ teacher: teacher.logits, center, teacherTemperature });
  for (const [name, tensor] of Object.entries(targets)) graph.output(name, tensor);
  graph.output("teacherEmbeddings", teacher.embeddings);
  graph.output("inversePrototypeLengths", inverseLengths(prototypes));
  addNextBuffers(graph, "teacher", buffers, teacher);
  return graph;
}

/** What becomes of the gradients that were there before: they are added to, or written over without being read. */
export type GradientMode = "add" | "replace";

/**
 * The student over the images of one pass, forwards and back. Inputs: `student.*` (parameters, then buffers), `inversePrototypeLengths`
 * [1, K], `probabilities` [G B, K], `pairWeights` [R, G B] (see `pairWeights`), `views` [R, C, s, s], with drop path `dropPath`
 * [2 depth, R], in 16 bits `lossScale` [], and to add to them `gradient.*`. Outputs: `loss`, the gradients named by `nextName`, and with batch
 * normalisation the buffers. The prototypes' gradient is `buildPrototypeGraph`'s, from `bottleneckRows` [R, D],
 * `logitCotangents` [R, K] and `logitDots` [1, K] (both multiplied and summed over the rows).
 */
export function buildPassGraph(config: NetworkConfig, shape: StepShape, pass: PassKind, mode: GradientMode): Graph {
  const graph = new Graph(`dino-${pass.views}-pass`);
  const { backbone, head } = config;
  const student = parameterInputs(graph, networkParameters(config), "student.");
  const buffers = parameterInputs(graph, networkBuffers(config), "student.");
  const inverse = named(graph.input("inversePrototypeLengths", [1, head.numPrototypes]), "one K", "inversePrototypeLengths");
  const numTargets = shape.numGlobalViews * shape.batchSize;
  const probabilities = named(graph.input("probabilities", [numTargets, head.numPrototypes]), "R K", "probabilities");
  const weights = graph.input("pairWeights", [pass.numImages, numTargets]);
  const sides = [pass.viewSize, pass.viewSize] as const;
  const images = named(graph.input("views", [pass.numImages, backbone.imageChannels, ...sides]), "B C H W", "views");
  const scales =
    shape.dropPath === "fed" ? graph.input("dropPath", [2 * numDroppableBlocks(backbone), pass.numImages]) : undefined;
  const group = { images, ...(scales ? { dropPathScales: named(scales, "R B", "dropPath") } : {}) };
  const output = graph.scope("student", () =>
    network(group, student, config, { precision: shape.precision, inversePrototypeLengths: inverse }),
  );
  const loss = dinoLoss(output.logits, probabilities, weights, shape.studentTemperature);

  const trained = passParameters(config);
  const [toLogits, ...toParameters] = scaledGradients(
    graph,
    loss,
    [output.logits, ...trained.map(({ name }) => student.get(name)!)], // an input was made for each
    shape,
  );
  graph.output("loss", loss);
  graph.output("bottleneckRows", output.bottleneckRows);
  graph.output("logitCotangents", toLogits!); // a gradient each
  graph.output("logitDots", reduceSum(mul(toLogits!, output.logits), [0], { keepDims: true }));
  addGradients(graph, trained, toParameters, mode);
  addNextBuffers(graph, "student", buffers, output);
  return graph;
}

/** What a pass has the gradients of: all but the prototypes, which are too many to be read and written in every pass. */
export function passParameters(config: NetworkConfig): readonly ParameterSpec[] {
  return networkParameters(config).filter(({ name }) => name !== PROTOTYPES);
}

/**
 * The prototypes' gradient, over all rows of a batch at once. With rows x, logits y = x v' / |v| and their cotangents dy, prototype by
 * prototype: dv = dy' x / |v| - v sum(dy y) / |v|^2. Inputs: `student.<prototypes>` [K, D], `inversePrototypeLengths` [1, K], of each pass
 * `bottleneckRows.<pass>` [R, D], `logitCotangents.<pass>` [R, K] and `logitDots.<pass>` [1, K], and to add to it `gradient.<prototypes>`.
 * Output: the gradient, named by `nextName`.
 */
export function buildPrototypeGraph(config: NetworkConfig, passes: readonly PassKind[], mode: GradientMode): Graph {
  const graph = new Graph("dino-prototypes");
  const { numPrototypes: K, bottleneckDim: D } = config.head;
  const prototypes = prototypeInput(graph, config);
  const inverse = graph.input("inversePrototypeLengths", [1, K]);
  const sizes = passes.flatMap(({ numImages, numPasses }) => new Array<number>(numPasses).fill(numImages));
  const ofPasses = (name: string, width: number, numRows = sizes) =>
    concat(
      numRows.map((count, pass) => graph.input(`${name}.${pass}`, [count, width])),
      0,
    );
  const rows = ofPasses("bottleneckRows", D);
  const cotangents = mul(ofPasses("logitCotangents", K), inverse);
  const dots = reduceSum(
    ofPasses(
      "logitDots",
      K,
      sizes.map(() => 1),
    ),
    [0],
    { keepDims: true },
  );
  const alongItself = mul(prototypes, reshape(neg(mul(dots, mul(inverse, inverse))), [K, 1]));
  const gradient = gemm(cotangents, rows, alongItself, { transA: true });
  addGradients(
    graph,
    networkParameters(config).filter(({ name }) => name === PROTOTYPES),
    [gradient],
    mode,
  );
  return graph;
}

/**
 * Sums of squares of all gradients. Inputs: `gradient.*` of their `updateShape`, and with a second lane `lane.gradient.*` of all but the
 * prototypes, which are added first. Outputs: `gradientSquares` [P], in the order of the parameters, and the sums, named by `nextName`.
 */
export function buildSquaresGraph(config: NetworkConfig, numLanes: 1 | 2): Graph {
  const graph = new Graph("dino-gradient-squares");
  const squares = networkParameters(config).map(({ name, shape }) => {
    const gradient = graph.input(`gradient.${name}`, updateShape(shape));
    if (numLanes === 1 || name === PROTOTYPES) return reduceSumSquare(gradient);
    const sum = add(gradient, graph.input(laneName(`gradient.${name}`), updateShape(shape)));
    graph.output(nextName(`gradient.${name}`), sum);
    return reduceSumSquare(sum);
  });
  const columns = squares.map((square) => reshape(square, [1]));
  graph.output("gradientSquares", concat(columns, 0));
  return graph;
}

/** What the second lane's array is called beside the first one's. */
export function laneName(gradient: string): string {
  return `lane.${gradient}`;
}

function addGradients(graph: Graph, specs: readonly ParameterSpec[], found: readonly Tensor[], mode: GradientMode): void {
  const gradientsNow = specs.map(({ name, shape }, index) => {
    const value = found[index]!; // a gradient each
    return mode === "add" ? addedTo(graph.input(`gradient.${name}`, shape), value) : value;
  });
  for (const [index, { name }] of specs.entries()) graph.output(nextName(`gradient.${name}`), gradientsNow[index]!);
  // What the last of these needs ONNX Runtime runs first, then what the one before needs besides. With gradients in the order of the
  // network's layers the way back goes from the head to the first layer, and nothing of it that needs no cotangent (the slope of a
  // rectifier) is computed before its layer's turn, to lie in memory until then.
  graph.output("gradientOrder", firstElements(gradientsNow));
}

/** A block of a transformer, a residual block or the stem of a ResNet: what is computed again as one. */
const STUDENT_BLOCK = /^student\/(blocks\.\d+|layer\d+\.\d+|stem)\//;

function scaledGradients(graph: Graph, loss: Tensor, wrt: readonly Tensor[], shape: StepShape): readonly Tensor[] {
  const recompute = shape.recompute === "blocks" ? segmentsByScope(graph, STUDENT_BLOCK) : [];
  if (shape.precision !== "float16") return gradients(loss, wrt, { recompute });
  const lossScale = graph.input("lossScale", []);
  const inverse = div(1, lossScale);
  return gradients(mul(loss, lossScale), wrt, { recompute }).map((gradient) => mul(gradient, inverse));
}

function addNextBuffers(
  graph: Graph,
  which: "student" | "teacher",
  buffers: ReadonlyMap<string, Tensor>,
  { statistics }: NetworkOutput,
): void {
  for (const [name, next] of runningAverages(buffers, statistics)) graph.output(nextName(`${which}.${name}`), next);
}

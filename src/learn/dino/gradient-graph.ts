// First half of a training step: parameters and views in; loss, gradients, the teacher's batch center out.
import { gradients, segmentsByScope } from "#engine/autodiff";
import { concat, div, Graph, mul, named, reduceSumSquare, reshape, type Tensor } from "#engine/graph";
import { type ComputePrecision, nextName, numDroppableBlocks, parameterInputs, runningAverages } from "#engine/nn";
import { dinoLoss } from "./loss.ts";
import { type NetworkConfig, type NetworkOutput, network, networkBuffers, networkParameters, type ViewGroup } from "./network.ts";

/** What fixes the gradient graph's shapes. */
export interface StepShape {
  readonly batchSize: number;
  readonly numGlobalViews: number;
  readonly globalViewSize: number;
  readonly numLocalViews: number;
  readonly localViewSize: number;
  readonly studentTemperature: number;
  /** Whether drop-path scales are fed (`globalDropPath`, `localDropPath`). */
  readonly dropPath: "fed" | "none";
  /** What the student's blocks keep for the way back (default: everything); see DinoConfig. */
  readonly recompute?: "none" | "blocks";
  /** What both backbones compute in (default: float32). In float16 the loss is multiplied by the input `lossScale` [] on the way back. */
  readonly precision?: ComputePrecision;
}

/**
 * Inputs: `student.*`, `teacher.*` (parameters, then buffers), `center` [1, K], `teacherTemperature` [], `globalViews` [G B, C, s, s], `localViews`
 * [L B, C, s, s], and with drop path `globalDropPath` [2 depth, G B], `localDropPath` [2 depth, L B].
 * Outputs: `loss`, `teacherEntropy`, `batchCenter` [1, K], `teacherEmbeddings` [G B, D], `gradientSquares` [P]
 * (sum of squares of each gradient, in the order of the parameters), `gradient.*`, and with batch normalisation the buffers that
 * replace those fed, named by `nextName`.
 */
export function buildGradientGraph(config: NetworkConfig, shape: StepShape): Graph {
  const graph = new Graph("dino-gradients");
  const specs = networkParameters(config);
  const buffers = networkBuffers(config);
  const student = parameterInputs(graph, specs, "student.");
  const studentBuffers = parameterInputs(graph, buffers, "student.");
  const teacher = parameterInputs(graph, specs, "teacher.");
  const teacherBuffers = parameterInputs(graph, buffers, "teacher.");
  const center = named(graph.input("center", [1, config.head.numPrototypes]), "one K", "center");
  const teacherTemperature = graph.input("teacherTemperature", []);
  const globalGroup = viewGroup(graph, "global", config, shape);
  const localGroup = shape.numLocalViews > 0 ? [viewGroup(graph, "local", config, shape)] : [];

  const { precision } = shape;
  const teacherOutput = graph.scope("teacher", () =>
    network([{ images: globalGroup.images }], teacher, config, { attention: "fused", precision }),
  );
  const studentOutput = graph.scope("student", () => network([globalGroup, ...localGroup], student, config, { precision }));
  const { loss, teacherEntropy, batchCenter } = dinoLoss({
    student: studentOutput.logits,
    teacher: teacherOutput.logits,
    center,
    teacherTemperature,
    studentTemperature: shape.studentTemperature,
    numGlobalViews: shape.numGlobalViews,
    numLocalViews: shape.numLocalViews,
  });

  const parameterGradients = scaledGradients(graph, loss, [...student.values()], shape);
  graph.output("loss", loss);
  graph.output("teacherEntropy", teacherEntropy);
  graph.output("batchCenter", batchCenter);
  graph.output("teacherEmbeddings", teacherOutput.embeddings);
  graph.output("gradientSquares", sumsOfSquares(parameterGradients));
  for (const [index, spec] of specs.entries()) graph.output(`gradient.${spec.name}`, parameterGradients[index]!);
  addNextBuffers(graph, "student", studentBuffers, studentOutput);
  addNextBuffers(graph, "teacher", teacherBuffers, teacherOutput);
  return graph;
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

/** The sum of squares of each tensor, as one vector. */
export function sumsOfSquares(tensors: readonly Tensor[]): Tensor {
  return concat(
    tensors.map((tensor) => reshape(reduceSumSquare(tensor), [1])),
    0,
  );
}

function viewGroup(graph: Graph, kind: "global" | "local", { backbone }: NetworkConfig, shape: StepShape): ViewGroup {
  const numImages = shape[`num${kind === "global" ? "Global" : "Local"}Views`] * shape.batchSize;
  const viewSize = shape[`${kind}ViewSize`];
  const name = `${kind}Views`;
  const images = named(graph.input(name, [numImages, backbone.imageChannels, viewSize, viewSize]), "B C H W", name);
  if (shape.dropPath === "none") return { images };
  const scales = graph.input(`${kind}DropPath`, [2 * numDroppableBlocks(backbone), numImages]);
  return { images, dropPathScales: named(scales, "R B", `${kind}DropPath`) };
}

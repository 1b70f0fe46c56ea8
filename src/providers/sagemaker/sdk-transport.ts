import {
  InvokeEndpointCommand,
  InvokeEndpointWithResponseStreamCommand,
  SageMakerRuntimeClient,
  type ResponseStream,
} from "@aws-sdk/client-sagemaker-runtime";
import { AwsClients } from "../aws-clients.ts";
import { translateAwsError } from "../aws-error.ts";
import type { ReachBackend } from "../contract.ts";
import type { InvokeCall, Invoked, InvokedStream, SageMakerTransport } from "./transport.ts";

type Clients = AwsClients<SageMakerRuntimeClient>;

/** SageMaker Runtime through the AWS SDK: the reference for other transports. */
export function sdkTransport(reach: ReachBackend): SageMakerTransport {
  const clients: Clients = new AwsClients({
    reach,
    create: (settings) => new SageMakerRuntimeClient(settings),
  });
  return {
    invoke: async (call) => invoke(clients, call),
    stream: async (call) => stream(clients, call),
    close: () => clients.close(),
  };
}

/** The router's own deadlines come first; this one holds where a caller forgets them. */
const sending = ({ backend }: InvokeCall, abortSignal: AbortSignal) => ({
  abortSignal,
  requestTimeout: backend.timeouts.totalMs,
});

async function invoke(clients: Clients, call: InvokeCall): Promise<Invoked> {
  const { signal, invocation } = call;
  const lease = clients.lease(call.backend);
  try {
    const answer = await lease.call(signal, async (client) =>
      client.send(new InvokeEndpointCommand(invocation), sending(call, signal)),
    );
    return { body: answer.Body ?? new Uint8Array(), ...identified(answer) };
  } catch (error) {
    throw translateAwsError(error, { signal, broken: "connection_failed" });
  } finally {
    lease.release();
  }
}

async function stream(clients: Clients, call: InvokeCall): Promise<InvokedStream> {
  const { signal, invocation } = call;
  const lease = clients.lease(call.backend);
  // The SDK's stream goes on reading after its reader has left: only this signal ends it.
  const left = new AbortController();
  let ended = false;
  const close = (): void => {
    // After its end an abort would cost the next call a connection.
    if (!ended) left.abort();
    lease.release();
  };
  try {
    const either = AbortSignal.any([signal, left.signal]);
    const answer = await lease.call(signal, async (client) =>
      client.send(new InvokeEndpointWithResponseStreamCommand(invocation), sending(call, either)),
    );
    const { requestId } = answer.$metadata;
    const reading = { signal, broken: "stream_broken", requestId } as const;
    const parts = readParts(answer.Body ?? none(), reading, () => {
      ended = true;
    });
    const { ContentType: contentType } = answer;
    return {
      parts,
      close,
      ...identified(answer),
      ...(contentType === undefined ? {} : { contentType }),
    };
  } catch (error) {
    close();
    throw translateAwsError(error, { signal, broken: "stream_broken" });
  }
}

async function* readParts(
  events: AsyncIterable<ResponseStream>,
  reading: Parameters<typeof translateAwsError>[1],
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const event of events) {
      const failure = event.ModelStreamError ?? event.InternalStreamFailure;
      if (failure !== undefined) throw failure;
      if (event.PayloadPart?.Bytes !== undefined) yield event.PayloadPart.Bytes;
    }
    onEnd();
  } catch (error) {
    throw translateAwsError(error, reading);
  }
}

async function* none(): AsyncGenerator<never> {}

interface Answer {
  $metadata: { requestId?: string | undefined };
  InvokedProductionVariant?: string | undefined;
}

function identified(answer: Answer): { requestId?: string; variant?: string } {
  const { requestId } = answer.$metadata;
  const { InvokedProductionVariant: variant } = answer;
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(variant === undefined ? {} : { variant }),
  };
}

@testable import TalonMetrics

/// Python programs that read the file `exposition` with parsers of others and print what they found.
enum ExpositionParsers {
    private static let common = """
        import os, struct
        content = open(os.environ['PROMETHEUS_MULTIPROC_DIR'] + '/exposition', 'rb').read()
        def bits(value):
            value = float(value)
            return 'nan' if value != value else '%x' % struct.unpack('>Q', struct.pack('>d', value))
        def shown(labels):
            return '{' + ','.join(k + '=' + labels[k].encode().hex() for k in sorted(labels)) + '}'
        def show(*words):
            print(*words)
        def family(name, type, help):
            show('family', name, type, help.encode().hex())

        """

    /// prometheus_client's parser for text or OpenMetrics.
    static func text(_ format: ExpositionFormat) -> String {
        common + """
            from prometheus_client.\(format == .text ? "parser" : "openmetrics.parser") \
            import text_string_to_metric_families as parse
            for metric in parse(content.decode()):
                family(metric.name, metric.type, metric.documentation)
                for s in metric.samples:
                    words = [s.name, shown(s.labels), bits(s.value)]
                    if s.exemplar:
                        words += [shown(s.exemplar.labels), bits(s.exemplar.value), bits(s.exemplar.timestamp)]
                    show(*words)
            """
    }

    /// Google's own decoder, which knows the messages from the table below alone and must write the same bytes again.
    static let protobuf =
        common + #"""
            from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
            from google.protobuf.internal import decoder
            from prometheus_client.utils import floatToGoString
            messages = {
                'LabelPair': 'name 1 string, value 2 string',
                'Timestamp': 'seconds 1 int64, nanos 2 int32',
                'Exemplar': 'label 1 *LabelPair, value 2 double, timestamp 3 Timestamp',
                'Gauge': 'value 1 double',
                'Counter': 'value 1 double, exemplar 2 Exemplar, created_timestamp 3 Timestamp',
                'Summary': 'sample_count 1 uint64, sample_sum 2 double, created_timestamp 4 Timestamp',
                'BucketSpan': 'offset 1 sint32, length 2 uint32',
                'Bucket': 'cumulative_count 1 uint64, upper_bound 2 double, exemplar 3 Exemplar',
                'Histogram': 'sample_count 1 uint64, sample_sum 2 double, bucket 3 *Bucket, schema 5 sint32,'
                    ' zero_threshold 6 double, zero_count 7 uint64, negative_span 9 *BucketSpan,'
                    ' negative_delta 10 *sint64, positive_span 12 *BucketSpan, positive_delta 13 *sint64,'
                    ' created_timestamp 15 Timestamp',
                'Metric': 'label 1 *LabelPair, gauge 2 Gauge, counter 3 Counter, summary 4 Summary, histogram 7 Histogram',
                'MetricFamily': 'name 1 string, help 2 string, type 3 uint64, metric 4 *Metric',
            }
            file = descriptor_pb2.FileDescriptorProto(name='m.proto', package='m', syntax='proto2')
            for name, fields in messages.items():
                message = file.message_type.add(name=name)
                for line in fields.split(','):
                    field, number, type = line.split()
                    one = message.field.add(name=field, number=int(number))
                    one.label = one.LABEL_REPEATED if type[0] == '*' else one.LABEL_OPTIONAL
                    type = type.lstrip('*')
                    if type in messages:
                        one.type, one.type_name = one.TYPE_MESSAGE, '.m.' + type
                    else:
                        one.type = getattr(one, 'TYPE_' + type.upper())
            pool = descriptor_pool.DescriptorPool()
            pool.Add(file)
            Family = message_factory.GetMessageClass(pool.FindMessageTypeByName('m.MetricFamily'))
            def seconds(t):
                return (t.seconds * 1000 + t.nanos // 1000000) / 1000
            def sample(name, labels, value, holder):
                words = [name, shown(labels), bits(value)]
                if holder is not None and holder.HasField('exemplar'):
                    e = holder.exemplar
                    words += [shown({l.name: l.value for l in e.label}), bits(e.value), bits(seconds(e.timestamp))]
                show(*words)
            def buckets(spans, deltas):
                index = count = position = 0
                found = []
                for span in spans:
                    index += span.offset
                    for _ in range(span.length):
                        count += deltas[position]
                        position += 1
                        found.append('%d:%d' % (index, count))
                        index += 1
                assert position == len(deltas)
                return ','.join(found)
            position = 0
            while position < len(content):
                length, start = decoder._DecodeVarint(content, position)
                position = start + length
                f = Family.FromString(content[start:position])
                assert f.SerializeToString(deterministic=True) == content[start:position]
                type = ['counter', 'gauge', 'summary', '', 'histogram'][f.type]
                base = f.name[:-6] if type == 'counter' else f.name
                family(base, type, f.help)
                for m in f.metric:
                    labels = {l.name: l.value for l in m.label}
                    value = getattr(m, type)
                    if type == 'gauge' or type == 'counter':
                        sample(f.name, labels, value.value, value if type == 'counter' else None)
                    else:
                        sample(base + '_sum', labels, value.sample_sum, None)
                        sample(base + '_count', labels, value.sample_count, None)
                    if type == 'histogram':
                        for b in value.bucket:
                            le = floatToGoString(b.upper_bound)
                            sample(base + '_bucket', {**labels, 'le': le}, b.cumulative_count, b)
                        if value.HasField('zero_threshold'):
                            show('native', base, shown(labels), value.schema, bits(value.zero_threshold), value.zero_count,
                                '+' + buckets(value.positive_span, value.positive_delta),
                                '-' + buckets(value.negative_span, value.negative_delta))
                    if type != 'gauge' and value.HasField('created_timestamp'):
                        show(base + '_created', shown(labels), bits(seconds(value.created_timestamp)))
            """#
}
